import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import KeyvRedis from '@keyv/redis';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { createCache } from 'cache-manager';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { Redis } from 'ioredis';
import { Keyv } from 'keyv';
import { RateLimiterRedis, RateLimiterRedisNonAtomic } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { createStorage } from 'unstorage';
import redisDriver from 'unstorage/drivers/redis';
import * as vitest from 'vitest';
import { ENGINES, RedisServer } from './redis-server.ts';

const { afterAll, beforeAll, describe, expect, it } = vitest;

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

declare module 'express-session' {
  interface SessionData {
    views: number;
  }
}

describe.each(ENGINES)('%s', (engine) => {
  describe('@keyv/redis', () => {
    const stores: KeyvRedis<unknown>[] = [];
    const store = () => {
      stores.push(new KeyvRedis(server.url(engine), { noNamespaceAffectsAll: true }));
      return stores.at(-1);
    };
    afterAll(() => Promise.all(stores.map((each) => each.disconnect(true))));
    keyvTestSuite(vitest, Keyv, store);
    keyvIteratorTests(vitest, Keyv, store);

    it('is a store of cache-manager', async () => {
      const cache = createCache({ stores: [new Keyv({ store: store(), namespace: 'manager' })], ttl: 60_000 });
      let calls = 0;
      const compute = () => cache.wrap('sum', async () => ({ sum: ++calls }));
      expect([await compute(), await compute()]).toEqual([{ sum: 1 }, { sum: 1 }]);
      await cache.mset([{ key: 'a', value: 1 }]);
      expect(await cache.mget(['a', 'b'])).toEqual([1, undefined]);
      await cache.clear();
      expect(await cache.get('sum')).toBeUndefined();
    });
  });

  it('unstorage: its redis driver', async () => {
    const storage = createStorage({ driver: redisDriver({ url: server.url(engine), base: 'items' }) });
    await storage.setItem('a:b', { deep: [1, null] });
    await storage.setItem('a:c', 'text', { ttl: 100 });
    await storage.setItem('d', 0);
    expect(await storage.getItem('a:b')).toEqual({ deep: [1, null] });
    expect(await storage.hasItem('none')).toBe(false);
    expect(await storage.getItems(['a:c', 'd', 'none'])).toEqual([
      { key: 'a:c', value: 'text' },
      { key: 'd', value: 0 },
      { key: 'none', value: null },
    ]);
    expect((await storage.getKeys('a')).sort()).toEqual(['a:b', 'a:c']);
    const bytes = new Uint8Array([0, 1, 255]);
    await storage.setItemRaw('raw', bytes);
    expect(new Uint8Array((await storage.getItemRaw('raw')) as Uint8Array)).toEqual(bytes);
    await storage.removeItem('a:b');
    expect((await storage.getKeys()).sort()).toEqual(['a:c', 'd', 'raw']);
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
    await storage.dispose();
  });

  it('rate-limiter-flexible: its store without Lua, while the one with Lua says what is missing', async () => {
    const storeClient = new Redis(server.url(engine));
    const options = { storeClient, points: 2, duration: 60, keyPrefix: 'rl' };
    const limiter = new RateLimiterRedisNonAtomic(options);
    expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1, remainingPoints: 1 });
    expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 2, remainingPoints: 0 });
    await expect(limiter.consume('a')).rejects.toMatchObject({ consumedPoints: 3 });
    await limiter.block('b', 30);
    await expect(limiter.consume('b')).rejects.toMatchObject({ remainingPoints: 0 });
    expect(await limiter.delete('a')).toBe(true);
    expect(await limiter.get('a')).toBeNull();
    // Without a duration, it counts by INCRBY in a transaction.
    const forever = new RateLimiterRedis({ ...options, duration: 0, keyPrefix: 'forever' });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => forever.consume('a')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await expect(new RateLimiterRedis(options).consume('c')).rejects.toThrow(/unknown command '(eval|evalsha)'/i);
    storeClient.disconnect();
  });
});

it('a session store and a cache go on working while the engine of their project is changed', async () => {
  const client = createClient({ url: server.url('memory') });
  client.on('error', () => undefined);
  await client.connect();
  const app = express();
  const store = new RedisStore({ client });
  app.use(session({ secret: 's', store, resave: false, saveUninitialized: false, cookie: { maxAge: 600_000 } }));
  app.get('/', (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    response.json(request.session.views);
  });
  app.get('/end', (request, response) => request.session.destroy(() => response.json(null)));
  const web = app.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const first = await fetch(address);
  const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const visit = async (path = '/') => (await fetch(address + path, { headers: { cookie } })).json();
  const adapter = new KeyvRedis<number>(server.url('memory'));
  const cache = createCache({ stores: [new Keyv({ store: adapter, namespace: 'cache' })] });

  const errors: unknown[] = [];
  let [visits, written, isOver] = [1, 0, false];
  const browsing = (async () => {
    while (!isOver) {
      const seen = await visit();
      if (seen !== ++visits) errors.push({ seen, visits });
    }
  })();
  const caching = (async () => {
    while (!isOver) {
      await cache.set(`${written}`, written);
      const seen = await cache.get(`${written}`);
      if (seen !== written++) errors.push({ seen, written });
    }
  })();
  for (const engine of ['lmdb', 'json-file', 'directory', 'memory']) {
    const [visitsBefore, writtenBefore] = [visits, written];
    await server.changeEngine('memory', engine);
    await expect.poll(() => visits > visitsBefore && written > writtenBefore).toBe(true);
  }
  isOver = true;
  await Promise.all([browsing, caching]);
  expect(errors).toEqual([]);
  expect(await visit()).toBe(visits + 1);
  const all = await cache.mget(Array.from({ length: written }, (_, i) => `${i}`));
  expect(all).toEqual(Array.from({ length: written }, (_, i) => i));
  expect(await store.length()).toBe(1);
  expect(await store.ids()).toHaveLength(1);
  await visit('/end');
  expect(await store.all()).toEqual([]);
  web.close();
  web.closeAllConnections();
  await adapter.disconnect(true);
  client.destroy();
});
