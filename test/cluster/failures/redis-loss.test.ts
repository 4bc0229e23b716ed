import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { report } from '../../faults/harness/seed.js';
import { TestServer } from '../../harness/test-server.js';
import { missingRedis, type RedisServer, startRedis } from '../redis-server.js';
import { TcpProxy } from '../tcp-proxy.js';
import { AcknowledgedWrites, WRITERS } from './acknowledged-writes.js';

const FAST = { appendonly: 'no', 'repl-diskless-sync-delay': 0 };
/** For how long a replica gets nothing before its master is killed, in ms. */
const LAG = 500;
/** How many failovers of each kind. */
const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 1);

/** A master and a replica that takes its place, at one address. */
interface Pair {
  readonly path: TcpProxy;
  /** Between both. */
  readonly link: TcpProxy;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  remove(): Promise<void>;
}

async function startRedisPair(): Promise<Pair> {
  const master = await startRedis(FAST);
  const [path, link] = [await TcpProxy.to(master.port), await TcpProxy.to(master.port)];
  const replica = await startRedis({ ...FAST, replicaof: `127.0.0.1 ${link.port}` });
  const isUp = async () => (await replica.command('INFO', 'replication').catch(() => '')).includes('link_status:up');
  while (!(await isUp())) await sleep(20);
  const remove = async () => {
    for (const proxy of [path, link]) proxy.close();
    await Promise.all([master.remove(), replica.remove()]);
  };
  return { path, link, master, replica, remove };
}

/** The master is killed, and the replica takes its place with what it has. */
async function failOver({ path, link, master, replica }: Pair): Promise<void> {
  await master.kill();
  link.close();
  await replica.command('REPLICAOF', 'NO', 'ONE');
  path.retarget(replica.port);
}

const reason = await missingRedis();

describe(`A failover of Redis to a replica${reason === undefined ? '' : `, skipped: ${reason}`}`, function () {
  this.timeout(0);
  let server: TestServer;
  before(async function () {
    if (reason !== undefined) this.skip();
    server = await TestServer.start();
  });
  after(() => server?.stop());

  /** How many acknowledged writes are missing after one failover while writers write. */
  const lossOf = async (project: string, wait: number, lag: number) => {
    const pair = await startRedisPair();
    try {
      const options = { url: `redis://127.0.0.1:${pair.path.port}`, wait, timeout: 2, commit_timeout: 4 };
      const key = await server.project(project, { storage: { engine: 'redis', options } });
      const writes = new AcknowledgedWrites((method, path, body) =>
        server.call(method, `${project}/${path}`, { key, ...(body === undefined ? {} : { body }) }),
      );
      await writes.progress(200);
      // A master sends nothing before the first acknowledgement, up to a second after the link is up.
      while (Number(await pair.replica.command('DBSIZE')) === 0) await sleep(20);
      if (lag > 0) pair.link.cut();
      const before = writes.keys.length;
      await sleep(lag);
      const during = writes.keys.length - before;
      await failOver(pair);
      await writes.end();
      while ((await server.call('GET', `${project}/values/n`, { key })).status !== 200) await sleep(20);
      const missing = (await writes.missing()).filter((it) => it.startsWith('put-'));
      return { acknowledged: writes.keys.length, during, lost: missing.length, unknown: writes.unknown.puts };
    } finally {
      await pair.remove();
    }
  };

  for (const lag of [0, LAG]) {
    const title = lag === 0 ? 'at once' : `after it got nothing for ${lag} ms`;

    it(`${title}, loses what the replica did not have, without \`wait\``, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const result = await lossOf(`none-${lag}-${round}`, 0, lag);
        report(result);
        // What was acknowledged while the replica got nothing is lost, but for answers that were on the way.
        if (lag > 0)
          expect(result.lost)
            .to.be.at.least(result.during - WRITERS)
            .and.greaterThan(0);
      }
    });

    it(`${title}, loses nothing that was acknowledged, with a \`wait\` of 1`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const result = await lossOf(`waits-${lag}-${round}`, 1, lag);
        report(result);
        expect(result.lost).to.equal(0);
        if (lag > 0) expect(result.during, 'acknowledged while no replica got anything').to.be.at.most(WRITERS);
      }
    });
  }
});
