import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { randomFrom, report, SEED } from '../../faults/harness/seed.js';
import type { EtcdLinks } from '../etcd-links.js';
import { missingEtcd } from '../etcd-server.js';
import type { Direction } from '../tcp-proxy.js';
import { ActiveClients } from './active-clients.js';
import { type GroupMember, ServerGroup } from './server-group.js';
import { type EtcdSharedStore, leaderOf, SHARED_STORES, type SharedStore, startMembers } from './shared-store.js';

/** How many rounds of each partition; the first one alone has those of the leader only. */
const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 1);
const NO_CLOCKS = [{}, {}, {}];
/** Of reads and commits, in seconds: requests that wait for it make a test long. */
const TIMEOUT = 2;
const DIRECTIONS: readonly Direction[] = ['to server', 'to client'];

/** What does not arrive, of `leader` and two others. */
const PARTITIONS: Readonly<Record<string, (links: EtcdLinks, leader: number, others: [number, number]) => void>> = {
  'the leader and both others do not reach each other': (links, leader, others) => {
    for (const other of others) both(links, leader, other);
  },
  'a member and both others do not reach each other': (links, leader, [other, last]) => {
    both(links, other, leader);
    both(links, other, last);
  },
  'nothing reaches the leader, which reaches the others': (links, leader, others) => {
    for (const other of others) links.cut(other, leader);
  },
  'the leader reaches no other member, and the others reach it': (links, leader, others) => {
    for (const other of others) links.cut(leader, other);
  },
  'a member does not get what others send': (links, leader, [other, last]) => {
    for (const from of [leader, last]) links.cut(from, other);
  },
};

function both(links: EtcdLinks, one: number, other: number): void {
  links.cut(one, other);
  links.cut(other, one);
}

const noEtcd = await missingEtcd();

describe(`Three servers on members of etcd that lose each other${noEtcd ? `, skipped: ${noEtcd}` : ''}`, function () {
  this.timeout(0);
  let store: EtcdSharedStore;
  let links: EtcdLinks;
  let group: ServerGroup;
  before(async function () {
    if (noEtcd !== undefined) this.skip();
    store = await startMembers({ linked: true });
    links = store.etcd.links as EtcdLinks;
    group = await ServerGroup.start('etcd', store, randomFrom(SEED), NO_CLOCKS, TIMEOUT);
  });
  after(async () => {
    await group?.remove();
    await store?.remove();
  });

  const leader = async () => store.etcd.members.indexOf(await leaderOf(store.etcd.members));
  const split = async (partition: (typeof PARTITIONS)[string]) => {
    const first = await leader();
    const others = [0, 1, 2].filter((it) => it !== first) as [number, number];
    partition(links, first, others);
    return { first, others };
  };
  const healed = async () => {
    links.heal();
    for (const { server } of group.members) while ((await server.readiness()) !== 200) await sleep(50);
  };

  for (const [i, [title, partition]] of Object.entries(PARTITIONS).entries()) {
    if (ROUNDS === 1 && !title.includes('the leader')) continue;
    it(`go on, and are linearizable, while ${title}`, async () => {
      const pauses: number[] = [];
      let [operations, unknown] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const clients = await ActiveClients.of(group, `split-${i}-${round}`, randomFrom(SEED + 10 * round + i));
        await clients.progress();
        await split(partition);
        pauses.push(await clients.untilWrite());
        await clients.progress();
        // As long as it takes to have an election without a member.
        await sleep(2_000);
        await clients.progress();
        await healed();
        await clients.progress();
        const ended = await clients.end();
        expect(ended.problems, `round ${round}, seed ${SEED}`).to.deep.equal([]);
        operations += ended.operations;
        unknown += ended.unknown;
      }
      const longest = `${(Math.max(...pauses) / 1000).toFixed(1)} s`;
      report({ rounds: ROUNDS, operations, unknown, 'until a write': longest });
    });
  }

  it('refuse requests at a server that reaches only a member without the others, and nowhere else', async () => {
    const clients = await ActiveClients.of(group, 'minority', randomFrom(SEED));
    await clients.progress();
    const { first } = await split((all, old, others) => {
      for (const other of others) both(all, old, other);
    });
    const [{ server, path }, ...rest] = group.members as [GroupMember, ...GroupMember[]];
    for (const [member, proxy] of path.proxies.entries()) if (member !== first) proxy.cut();
    while ((await server.readiness()) === 200) await sleep(20);
    const { status } = await group.sendTo(server, 'GET', 'minority/values/bank-0', {});
    expect(status).to.equal(503);
    await clients.progress();
    for (const { server: other } of rest) while ((await other.readiness()) !== 200) await sleep(20);
    expect(await server.readiness()).to.equal(503);
    for (const proxy of path.proxies) proxy.heal();
    await healed();
    await clients.progress();
    expect((await clients.end()).problems, `seed ${SEED}`).to.deep.equal([]);
  });
});

for (const [engine, { missing, start }] of Object.entries(SHARED_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Three servers on ${engine}, one of which is cut off in one direction${skipped}`, function () {
    this.timeout(0);
    let store: SharedStore;
    let group: ServerGroup;
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      group = await ServerGroup.start(engine, store, randomFrom(SEED), NO_CLOCKS, TIMEOUT);
    });
    after(async () => {
      await group?.remove();
      await store?.remove();
    });

    for (const direction of DIRECTIONS) {
      it(`are linearizable, and it refuses requests, while nothing arrives ${direction}`, async () => {
        let [operations, unknown] = [0, 0];
        for (let round = 0; round < ROUNDS; round++) {
          const project = `${direction.replace(' ', '-')}-${round}`;
          const clients = await ActiveClients.of(group, project, randomFrom(SEED + round));
          await clients.progress();
          const { server, path } = group.members[round % group.members.length] as GroupMember;
          for (const proxy of path.proxies) proxy.cut([direction]);
          while ((await server.readiness()) === 200) await sleep(20);
          expect((await group.sendTo(server, 'GET', `${project}/values/bank-0`, {})).status).to.equal(503);
          await clients.progress();
          for (const proxy of path.proxies) proxy.heal();
          while ((await server.readiness()) !== 200) await sleep(50);
          await clients.progress();
          const ended = await clients.end();
          expect(ended.problems, `round ${round}, seed ${SEED}`).to.deep.equal([]);
          operations += ended.operations;
          unknown += ended.unknown;
        }
        report({ rounds: ROUNDS, operations, unknown });
      });
    }
  });
}
