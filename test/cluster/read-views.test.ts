import { expect } from 'chai';
import type { Store } from '../../src/application/ports/store.js';
import { AppError } from '../../src/domain/errors.js';
import { storeName } from '../../src/infrastructure/storage/engines/redis/store-name.js';
import type { RemoteEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import { entry } from '../contract/store-fixture.js';
import { startEtcd } from './etcd-server.js';
import { startPostgres } from './postgres-server.js';
import { startRedis } from './redis-server.js';
import { REMOTE_ENGINES } from './remote-engines.js';
import { storeOn } from './store-on.js';

const PAGES = 3;

/** Some pages of a view. */
async function fill(store: Store): Promise<void> {
  const put = Array.from({ length: PAGES }, (_, i) => entry(`k${i}`, 'x'.repeat(1_100_000)));
  for (const one of put) await store.commit({ put: [one] });
}

async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.catch((it: unknown) => it);
  expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
  return error as AppError;
}

const without = async (name: RemoteEngineName) => {
  const reason = await REMOTE_ENGINES[name].missing();
  return { reason, skipped: reason === undefined ? '' : `, skipped: ${reason}` };
};
const [onEtcd, onPostgres, onRedis] = [await without('etcd'), await without('postgres'), await without('redis')];

describe(`A view of a store on etcd${onEtcd.skipped}`, () => {
  it('fails with what to do if etcd is compacted before it was read', async function () {
    if (onEtcd.reason !== undefined) this.skip();
    const etcd = await startEtcd();
    const { store, remove } = await storeOn('etcd', etcd.url);
    await fill(store);
    const view = await store.readView();
    const pages = view.pages({})[Symbol.asyncIterator]();
    await pages.next();
    await store.commit({ put: [entry('k0'), entry('k1')] });
    const call = (path: string, body: object) =>
      fetch(`${etcd.members[0]?.url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const { header } = (await (await call('kv/range', { key: 'bm9uZQ==' })).json()) as { header: { revision: string } };
    await call('kv/compaction', { revision: header.revision, physical: true });
    expect((await failureOf(pages.next())).message).to.include('raise --auto-compaction-retention');
    await remove();
    await etcd.remove();
  }).timeout(60_000);
});

describe(`A view of a store on PostgreSQL${onPostgres.skipped}`, () => {
  it('takes no connection of requests, and frees its own', async function () {
    if (onPostgres.reason !== undefined) this.skip();
    const postgres = await startPostgres({ fsync: 'off' });
    const { store, remove } = await storeOn('postgres', postgres.url, { pool_size: 1, timeout: 2 });
    await fill(store);
    for (let round = 0; round < 3; round++) {
      const view = await store.readView();
      const pages = view.pages({})[Symbol.asyncIterator]();
      await pages.next();
      expect(await store.commit({ put: [entry('meanwhile')] })).to.equal(true);
      expect((await store.get('meanwhile'))?.key).to.equal('meanwhile');
      await failureOf(store.readView());
      await view.close();
    }
    await remove();
    await postgres.remove();
  }).timeout(60_000);
});

describe(`A view of a store on Redis${onRedis.skipped}`, () => {
  it('fails if the server has lost it, and leaves nothing behind when it ends', async function () {
    if (onRedis.reason !== undefined) this.skip();
    const redis = await startRedis();
    const { store, location, remove } = await storeOn('redis', redis.url);
    const name = await storeName(location);
    await fill(store);
    const names = async () => (await redis.command('keys', '*:view*')).split('\n').filter((it) => it !== '');
    const [lost, ended] = [await store.readView(), await store.readView()];
    const pages = lost.pages({})[Symbol.asyncIterator]();
    await pages.next();
    await ended.close();
    const [id] = (await redis.command('smembers', `${name}:views`)).trim().split('\n');
    expect(Number(await redis.command('ttl', `${name}:view:${id}`))).to.be.within(1, 120);
    await redis.command('del', `${name}:view:${id}`, `${name}:view:${id}:keys`);
    await store.commit({ put: [entry('k2')] });
    expect((await failureOf(pages.next())).message).to.include('lost a view');
    await lost.close();
    expect(await names()).to.deep.equal([]);
    await remove();
    await redis.remove();
  }).timeout(60_000);

  for (const [what, isGone] of [
    ['its store was removed', (key: string) => !key.includes(':view')],
    ['what it has kept was evicted', (key: string) => key.endsWith(':keys') && key.includes(':view:')],
  ] as const) {
    it(`fails, instead of ending early, if ${what} meanwhile`, async function () {
      if (onRedis.reason !== undefined) this.skip();
      const redis = await startRedis();
      const { store, remove } = await storeOn('redis', redis.url);
      await fill(store);
      const pages = (await store.readView()).pages({})[Symbol.asyncIterator]();
      await pages.next();
      const keys = (await redis.command('keys', '*')).trim().split('\n').filter(isGone);
      expect(keys).to.not.deep.equal([]);
      await redis.command('del', ...keys);
      expect((await failureOf(pages.next())).message).to.include('lost a view');
      await remove();
      await redis.remove();
    }).timeout(60_000);
  }
});
