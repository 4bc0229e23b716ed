import { expect } from 'chai';
import { storeContract } from '../contract/store.contract.js';
import { TestServer } from '../harness/test-server.js';
import { AcknowledgedWrites } from './failures/acknowledged-writes.js';
import { type RedisGroup, startRedisCluster, startRedisSentinels } from './redis-groups.js';
import { missingRedis } from './redis-server.js';
import { type RemoteServer, remoteFixture } from './remote-engines.js';

const reason = await missingRedis();
const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

const GROUPS = {
  'a Redis Cluster': { start: startRedisCluster, options: { cluster: true } },
  'Redis with sentinels': { start: startRedisSentinels, options: { sentinel: 'main' } },
};

for (const [name, { start, options }] of Object.entries(GROUPS)) {
  describe(`A project on ${name}${skipped}`, () => {
    let group: RedisGroup;
    let server: RemoteServer;
    before(async function () {
      if (reason !== undefined) this.skip();
      group = await start();
      server = { options: { url: group.url, ...options, timeout: 100, commit_timeout: 100 }, remove: group.remove };
    });
    after(() => group?.remove());

    // What Redis itself does is the same as on a single server: values of 16 MiB take long.
    const quick = {
      describe,
      it: (title: string, body: () => Promise<void>) => /16 MiB/.test(title) || it(title, body),
    };
    if (name === 'a Redis Cluster')
      storeContract(
        quick,
        remoteFixture('redis', () => server),
      );

    it('goes on under load after its master was lost, and has every commit for which it waited', async () => {
      const portkv = await TestServer.start();
      try {
        const waiting = { ...options, wait: 1, timeout: 2, commit_timeout: 4 };
        const storage = { engine: 'redis', options: { url: group.url, ...waiting } };
        const key = await portkv.project('waited', { storage });
        const { json } = await portkv.call('GET', 'waited', { key });
        expect(json.data.durability.commit).to.include('is on 1 replicas');
        const writes = new AcknowledgedWrites((method, path, body) =>
          portkv.call(method, `waited/${path}`, { key, ...(body === undefined ? {} : { body }) }),
        );
        await writes.progress(200);
        const master = await masterWith(group, 'waited');
        await master?.kill();
        const since = performance.now();
        while ((await masterWith(group, 'waited')) === undefined) await pause();
        // Without it there is no replica for which a commit could wait.
        master?.start();
        await writes.progress(50);
        const seconds = ((performance.now() - since) / 1000).toFixed(1);
        await writes.end();
        const { increments, keys, unknown, refused } = writes;
        const missing = await writes.missing();
        const lost = missing.length;
        const counts = `${increments} increments and ${keys.length} puts acknowledged, ${lost} of them lost`;
        const others = `${unknown.increments + unknown.puts} unknown, ${refused} refused`;
        console.log(`        ${counts}, ${others}; after ${seconds} s 50 more were acknowledged`);
        expect(missing).to.deep.equal([]);
      } finally {
        await portkv.stop();
      }
    }).timeout(120_000);
  });
}

/** The master that has the keys of a project; undefined while no master has them. */
async function masterWith({ servers }: RedisGroup, project: string) {
  for (const server of servers) {
    const role = await server.command('ROLE').catch(() => '');
    if (role.startsWith('master') && (await server.command('KEYS', `*${project}*`)).trim() !== '') return server;
  }
  return undefined;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}
