import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { randomFrom, report, SEED } from '../../faults/harness/seed.js';
import { ActiveClients } from './active-clients.js';
import { admittedBeyond, revokedButServed } from './broken-promises.js';
import { RetryingClients } from './retrying-clients.js';
import { type GroupMember, ServerGroup } from './server-group.js';
import { SHARED_STORES, type SharedStore } from './shared-store.js';

/** How many rounds of failures; more for a longer run. */
const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 1);
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;

const clockAt = (shift: string) => ({ LD_PRELOAD: FAKETIME, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1' });
const hasFaketime = existsSync(FAKETIME);
const clocks = hasFaketime ? [{}, clockAt('+1h'), clockAt('-1h')] : [{}, {}, {}];
const clockText = hasFaketime ? 'clocks an hour apart' : 'clocks that agree, because libfaketime is not installed';

for (const [engine, { missing, start }] of Object.entries(SHARED_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Three servers on ${engine}${skipped}`, function () {
    this.timeout(0);
    let store: SharedStore;
    let group: ServerGroup;
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      group = await ServerGroup.start(engine, store, randomFrom(SEED), clocks);
    });
    after(async () => {
      await group?.remove();
      await store?.remove();
    });

    it('let in exactly what a quota allows', async () => {
      expect(await admittedBeyond(group, 'limited', 40)).to.equal(0);
    });

    it('refuse a key that was revoked while a server slept', async () => {
      expect(await revokedButServed(group, 'guarded')).to.deep.equal([]);
    });

    it('lose no request that is sent once more to another server when one is killed', async () => {
      await group.project('retried');
      const clients = new RetryingClients(group, 'retried');
      const using = clients.use();
      await clients.answers(60);
      const { server } = group.members[2] as GroupMember;
      await server.kill();
      await clients.answers(200);
      clients.stop();
      await using;
      expect(clients.lost).to.deep.equal([]);
      expect(clients.retries).to.be.greaterThan(0);
      await server.startAgain();
    });

    it(`are linearizable, and a bank keeps its sum, with kills, sleep, cut networks, ${clockText}`, async () => {
      const pauses: number[] = [];
      let [operations, unknown] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const clients = await ActiveClients.of(group, `shared-${round}`, randomFrom(SEED + round + 1));
        await clients.progress();
        for (const { server } of group.members) {
          await server.kill();
          await clients.progress();
          await server.startAgain();
        }
        const [, sleeper, cut] = group.members as [GroupMember, GroupMember, GroupMember];
        sleeper.server.portkv.kill('SIGSTOP');
        await sleep(5_000);
        sleeper.server.portkv.kill('SIGCONT');
        await clients.progress();
        for (const proxy of cut.path.proxies) proxy.cut();
        while ((await cut.server.readiness()) === 200) await sleep(50);
        await clients.progress();
        for (const proxy of cut.path.proxies) proxy.heal();
        while ((await cut.server.readiness()) !== 200) await sleep(50);
        await store.lose();
        pauses.push(await clients.untilWrite());
        await clients.progress();
        if (round < ROUNDS - 1) await store.restore();
        const ended = await clients.end();
        expect(ended.problems, `round ${round}, seed ${SEED}`).to.deep.equal([]);
        operations += ended.operations;
        unknown += ended.unknown;
      }
      const longest = `${(Math.max(...pauses) / 1000).toFixed(1)} s`;
      report({ rounds: ROUNDS, operations, unknown, 'until a write after the loss of a part': longest });
    });
  });

  describe(`Servers on ${engine} that are broken on purpose${skipped}`, function () {
    this.timeout(0);
    let store: SharedStore;
    let group: ServerGroup;
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      const broken = { NODE_OPTIONS: `--import=${new URL('broken-servers.js', import.meta.url).href}` };
      group = await ServerGroup.start(engine, store, randomFrom(SEED), [broken, broken]);
    });
    after(async () => {
      await group?.remove();
      await store?.remove();
    });

    it('are noticed if a quota is checked before the commit', async () => {
      expect(await admittedBeyond(group, 'limited', 40)).to.be.greaterThan(0);
    });

    it('are noticed if they serve for ever what they once read of the registry', async () => {
      expect(await revokedButServed(group, 'guarded')).to.not.deep.equal([]);
    });
  });
}
