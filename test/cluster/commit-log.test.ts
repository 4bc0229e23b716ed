import { expect } from 'chai';
import type { Change } from '../../src/domain/change.js';
import { AppError, HistoryGoneError } from '../../src/domain/errors.js';
import { tableName } from '../../src/infrastructure/storage/engines/postgres/table-name.js';
import { storeName } from '../../src/infrastructure/storage/engines/redis/store-name.js';
import type { RemoteEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import { type LoggedStore, readUpTo, startOf } from '../contract/commit-log.contract.js';
import { entry } from '../contract/store-fixture.js';
import { startEtcd } from './etcd-server.js';
import { startPostgres } from './postgres-server.js';
import { startRedis } from './redis-server.js';
import { REMOTE_ENGINES } from './remote-engines.js';
import { openedOn, storeOn } from './store-on.js';
import { TcpProxy } from './tcp-proxy.js';

async function put(store: LoggedStore, ...keys: string[]): Promise<void> {
  const entries = keys.map((key) => entry(key));
  const changes = entries.map(({ key, version }): Change => ({ event: 'put', key, version, sizeBytes: 0 }));
  await store.commit({ put: entries, changes });
}

const keysAfter = async (store: LoggedStore, position: string) =>
  (await readUpTo(store, position, await store.commitLog.end())).map(({ changes }) => changes[0]?.key);

/** Rejects if what followed a position was dropped; else there is a page with what follows it. */
async function followingPage(store: LoggedStore, position: string): Promise<void> {
  await put(store, 'following');
  for await (const { commits } of store.commitLog.read(position, new AbortController().signal)) {
    if (commits.length > 0) return;
  }
}

async function isGone(store: LoggedStore, position: string): Promise<boolean> {
  return followingPage(store, position).then(
    () => false,
    (error: unknown) => error instanceof HistoryGoneError,
  );
}

const without = async (name: RemoteEngineName) => {
  const reason = await REMOTE_ENGINES[name].missing();
  return { reason, skipped: reason === undefined ? '' : `, skipped: ${reason}` };
};
const [onPostgres, onRedis, onEtcd] = [await without('postgres'), await without('redis'), await without('etcd')];

describe(`The log of commits on PostgreSQL${onPostgres.skipped}`, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let place: Awaited<ReturnType<typeof storeOn>>;
  let table = '';
  before(async function () {
    if (onPostgres.reason !== undefined) this.skip();
    postgres = await startPostgres({ fsync: 'off' });
    place = await storeOn('postgres', postgres.url);
    table = `portkv.${await tableName(place.location)}`;
    await place.store.commitLog.end();
  });
  after(async () => {
    await place?.remove();
    await postgres?.remove();
  });

  /** A commit of another program, which stays open for so many seconds after it wrote its row in the log. */
  const late = (key: string, seconds: number, before = '') => {
    const recorded = Buffer.from(JSON.stringify([[0, key, 1, 0]])).toString('hex');
    const write = `SELECT ${table}_record('\\x${recorded}')`;
    return postgres.sql(`BEGIN; ${before} ${write}; SELECT pg_sleep(${seconds}); COMMIT`);
  };
  const written = async (key: string) => {
    // What runs is not visible, but its lock is.
    const running = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active'
      AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()`;
    while ((await postgres.sql(running)).trim() === '0') await new Promise((resolve) => setTimeout(resolve, 20));
    return key;
  };

  it('does not skip a transaction that commits late, as one that follows the sequence does', async () => {
    const { store } = place;
    const start = await startOf(store);
    const last = async () => Number((await postgres.sql(`SELECT coalesce(max(n), 0) FROM ${table}_log`)).trim());
    const running = late('late', 1);
    await written('late');
    await put(store, 'early');
    // By the sequence: the late one has a lower number than what is read already.
    const bySequence = await last();
    const seen: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { commits } of store.commitLog.read(start, new AbortController().signal)) {
        seen.push(...commits.map(({ changes }) => changes[0]?.key));
        if (seen.includes('later')) return;
      }
    })();
    await running;
    await put(store, 'later');
    await reading;
    expect(seen).to.have.members(['late', 'early', 'later']).and.to.have.length(3);
    const skipped = await postgres.sql(`SELECT count(*) FROM ${table}_log WHERE n > ${bySequence}`);
    expect(skipped.trim(), 'what follows by the sequence lacks the late one').to.equal('1');
  });

  it('has commits to one key as they were made, whichever transaction began first', async () => {
    const { store } = place;
    await put(store, 'contended');
    const start = await startOf(store);
    const update = `UPDATE ${table} SET version = version + 1 WHERE key = 'contended';`;
    const [slow, fast] = ['slow', 'fast'];
    const record = (key: string) => `SELECT ${table}_record('\\x${hex(key)}'); COMMIT`;
    // It has the number of its transaction before the other one begins, and then waits for it.
    const number = 'SELECT pg_current_xact_id(); SELECT pg_sleep(0.7);';
    const waiting = postgres.sql(`BEGIN; ${number} ${update} ${record(slow)}`);
    await written(slow);
    const holding = postgres.sql(`BEGIN; ${update} SELECT pg_sleep(1.5); ${record(fast)}`);
    await Promise.all([holding, waiting]);
    expect(await keysAfter(store, start)).to.deep.equal([fast, slow]);
  });

  it('begins again, with no position from before, once it was restored from a dump at a younger server', async () => {
    const { store, location } = place;
    // The numbers of a server that is in use for longer.
    await postgres.sql(`SELECT ${table}_record('[]'); UPDATE ${table}_log SET at = at + 1000000000`);
    const before = await store.commitLog.end();
    const other = await startPostgres({ fsync: 'off' });
    await other.restore(await postgres.dump());
    const restored = await openedOn('postgres', other.url, location);
    const start = await startOf(restored);
    await put(restored, 'first');
    await put(restored, 'second');
    expect(await keysAfter(restored, start)).to.deep.equal(['first', 'second']);
    expect(await isGone(restored, before)).to.equal(true);
    // Once only: it is where it was made then.
    const again = await openedOn('postgres', other.url, location);
    expect(await keysAfter(again, start)).to.include.members(['first', 'second']);
    await again.close();
    await restored.close();
    await other.remove();
    await postgres.sql(`DELETE FROM ${table}_log`);
  });

  it('keeps the last 50,000 commits, and knows what was dropped', async () => {
    const { store } = place;
    const start = await startOf(store);
    await postgres.sql(`SELECT count(${table}_record('[]')) FROM generate_series(1, 30000)`);
    const middle = await store.commitLog.end();
    await postgres.sql(`SELECT count(${table}_record('[]')) FROM generate_series(1, 25000)`);
    const count = async () => Number((await postgres.sql(`SELECT count(*) FROM ${table}_log`)).trim());
    // The commit with the next round number has the oldest dropped.
    const last = Number((await postgres.sql(`SELECT max(n) FROM ${table}_log`)).trim());
    await postgres.sql(`SELECT count(${table}_record('[]')) FROM generate_series(1, ${999 - (last % 1000)})`);
    await put(store, 'round');
    while ((await count()) > 51_000) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await count()).to.be.at.least(50_000);
    expect(await isGone(store, start)).to.equal(true);
    expect(await isGone(store, middle)).to.equal(false);
  }).timeout(120_000);

  const hex = (key: string) => Buffer.from(JSON.stringify([[0, key, 1, 0]])).toString('hex');
});

describe(`The log of commits on Redis${onRedis.skipped}`, () => {
  it('knows what was dropped, and that a server came back without its last commits', async function () {
    if (onRedis.reason !== undefined) this.skip();
    const redis = await startRedis();
    const { store, location, remove } = await storeOn('redis', redis.url);
    const start = await startOf(store);
    for (const key of ['a', 'b', 'c']) await put(store, key);
    expect(await isGone(store, start)).to.equal(false);
    const name = await storeName(location);
    await redis.command('XTRIM', `${name}:log`, 'MAXLEN', '1');
    expect(await isGone(store, start)).to.equal(true);
    const end = await store.commitLog.end();
    expect(await isGone(store, end)).to.equal(false);
    await redis.command('DEL', `${name}:log`);
    await redis.command('HINCRBY', `${name}:size`, 'commits', '-5');
    expect(await isGone(store, end)).to.equal(true);
    await remove();
    await redis.remove();
  });

  it('has nothing to add to what a server has lost, although others got the numbers of the commits', async function () {
    if (onRedis.reason !== undefined) this.skip();
    const redis = await startRedis();
    const { store, location, remove } = await storeOn('redis', redis.url);
    const name = await storeName(location);
    await put(store, 'a');
    const kept = await store.commitLog.end();
    // What a replica has that did not get what follows.
    for (const part of ['log', 'size']) await redis.command('COPY', `${name}:${part}`, `${name}:${part}:replica`);
    for (const key of ['b', 'c']) await put(store, key);
    const lost = await store.commitLog.end();
    for (const part of ['log', 'size']) {
      await redis.command('COPY', `${name}:${part}:replica`, `${name}:${part}`, 'REPLACE');
    }
    for (const key of ['d', 'e', 'f']) await put(store, key);
    expect(await keysAfter(store, kept)).to.deep.equal(['d', 'e', 'f']);
    expect(await isGone(store, lost)).to.equal(true);
    await remove();
    await redis.remove();
  });

  it('is not waited for without end on a connection that was lost without a word', async function () {
    if (onRedis.reason !== undefined) this.skip();
    const redis = await startRedis();
    const proxy = await TcpProxy.to(redis.port);
    const { store, remove } = await storeOn('redis', `redis://127.0.0.1:${proxy.port}`, { timeout: 0.2 });
    const pages = store.commitLog.read(undefined, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    const next = pages.next();
    next.catch(() => undefined);
    await put(store, 'a');
    await next;
    const lost = pages.next();
    lost.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    proxy.cut();
    const error = await lost.catch((it: unknown) => it);
    expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
    proxy.close();
    await remove();
    await redis.remove();
  });
});

describe(`The log of commits on etcd${onEtcd.skipped}`, () => {
  it('knows what was compacted', async function () {
    if (onEtcd.reason !== undefined) this.skip();
    const etcd = await startEtcd();
    const { store, remove } = await storeOn('etcd', etcd.url);
    const start = await startOf(store);
    for (const key of ['a', 'b', 'c']) await put(store, key);
    expect(await keysAfter(store, start)).to.deep.equal(['a', 'b', 'c']);
    const end = await store.commitLog.end();
    const member = etcd.members[0]?.url ?? '';
    const call = (path: string, body: object) =>
      fetch(`${member}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const { header } = (await (await call('kv/range', { key: 'bm9uZQ==' })).json()) as { header: { revision: string } };
    await call('kv/compaction', { revision: header.revision, physical: true });
    expect(await isGone(store, start)).to.equal(true);
    expect(await isGone(store, end)).to.equal(false);
    await remove();
    await etcd.remove();
  }).timeout(60_000);
});
