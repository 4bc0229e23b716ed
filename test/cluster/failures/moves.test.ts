import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { randomFrom, report, SEED } from '../../faults/harness/seed.js';
import { missingEtcd } from '../etcd-server.js';
import { missingPostgres } from '../postgres-server.js';
import type { RegistryProcess } from '../registry/registry-process.js';
import { AcknowledgedWrites } from './acknowledged-writes.js';
import { type GroupMember, ServerGroup } from './server-group.js';
import { type SharedStore, startMembers, startPair } from './shared-store.js';

/** How many moves; more for a longer run. */
const MOVES = 2 * Number(process.env.CLUSTER_ROUNDS ?? 1);
/** The latest moment of a loss, in ms after a move was asked for. */
const LATEST = 1_000;
const ENTRIES = 2_000;
const PROJECT = 'moved';

const reason = (await missingEtcd()) ?? (await missingPostgres());

describe(`A project that moves while its stores lose a part${reason ? `, skipped: ${reason}` : ''}`, function () {
  this.timeout(0);
  const random = randomFrom(SEED);
  const stores: SharedStore[] = [];
  let group: ServerGroup;
  before(async function () {
    if (reason !== undefined) this.skip();
    const [etcd, postgres] = [await startMembers(), await startPair()];
    stores.push(etcd, postgres);
    const paths = await Promise.all([postgres.path(), postgres.path(), postgres.path()]);
    const environments = paths.map(({ url }) => ({ OTHER_URL: url }));
    group = await ServerGroup.start('etcd', etcd, randomFrom(SEED), environments);
    await group.project(PROJECT);
    for (let at = 0; at < ENTRIES; at += 100) {
      const text = 'x'.repeat(200);
      const operations = Array.from({ length: 100 }, (_, i) => ({ put: { key: `filled-${at + i}`, text } }));
      const sent = { body: JSON.stringify({ operations }), headers: { 'content-type': 'application/json' } };
      expect((await group.send('POST', `${PROJECT}/transactions`, sent)).status).to.equal(200);
    }
  });
  after(async () => {
    await group?.remove();
    for (const store of stores) await store.remove();
  });

  /** Asks again while what answers is not there. */
  const ask = async (server: RegistryProcess, method: string, path: string, body?: object) => {
    for (;;) {
      const answer = await server.call(method, path, group.systemKey, body).catch(() => undefined);
      if (answer !== undefined && answer.status !== 503) return answer;
      await sleep(50);
    }
  };
  const engineAt = async (server: RegistryProcess) => (await ask(server, 'GET', PROJECT)).data.storage.engine;
  const servers = () => group.members.map(({ server }) => server);

  it('loses nothing if the leader of etcd, or the primary of PostgreSQL, is killed, and is moved or not', async () => {
    const writes = new AcknowledgedWrites((method, path, body) =>
      group.send(method, `${PROJECT}/${path}`, body === undefined ? {} : { body }),
    );
    const rounds: string[] = [];
    for (let i = 0; i < MOVES; i++) {
      await writes.progress(50);
      const { server } = group.members[i % group.members.length] as GroupMember;
      const before = await engineAt(server);
      const [after, variable] = before === 'etcd' ? ['postgres', 'OTHER_URL'] : ['etcd', 'STORE_URL'];
      // Twice what holds the data before, then twice what will.
      const loser = (i % 4 < 2 ? before : after) === 'etcd' ? 0 : 1;
      const storage = { engine: after, options: { url_env: variable, timeout: 5 } };
      const begun = await ask(server, 'PUT', PROJECT, { storage });
      expect(begun.status, begun.text).to.equal(202);
      const at = Math.round(random() * LATEST);
      await sleep(at);
      await stores[loser]?.lose();
      let last: { readonly state: string };
      do {
        await sleep(50);
        last = (await ask(server, 'GET', `${PROJECT}/migrations`)).data.at(-1);
      } while (last.state === 'copying');
      const now = last.state === 'done' ? after : before;
      for (const one of servers()) while ((await engineAt(one)) !== now) await sleep(50);
      await writes.progress(50);
      for (const one of servers()) {
        const put = () => group.sendTo(one, 'PUT', `${PROJECT}/values/later`, { body: `${at}` });
        let { status } = await put();
        for (; status === 503; { status } = await put()) await sleep(50);
        expect(status).to.be.oneOf([201, 204]);
      }
      rounds.push(`${after}, ${['etcd', 'postgres'][loser]} lost after ${at} ms: ${last.state}`);
      await stores[loser]?.restore();
    }
    await writes.end();
    const { increments, keys, unknown, refused } = writes;
    report({ moves: rounds.join('; '), increments, keys: keys.length, refused, unknown: JSON.stringify(unknown) });
    expect(await writes.missing(), `seed ${SEED}`).to.deep.equal([]);
    const { text } = await group.send('GET', `${PROJECT}/export`);
    expect(text.match(/"key":"filled-/g)).to.have.length(ENTRIES);
  });
});
