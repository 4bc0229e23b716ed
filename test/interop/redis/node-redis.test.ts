import { createClient, WatchError } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, RedisServer } from './redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

function connect(project: string, RESP: 2 | 3) {
  const client = createClient({ url: server.url(project), RESP });
  client.on('error', () => undefined);
  return client;
}

describe.each(ENGINES.flatMap((engine) => [[engine, 2] as const, [engine, 3] as const]))(
  '%s, RESP%i',
  (engine, RESP) => {
    let redis: ReturnType<typeof connect>;
    beforeEach(async () => {
      redis = connect(engine, RESP);
      await redis.connect();
      await redis.flushDb();
    });
    afterEach(() => redis.destroy());

    it('has the commands on strings', async () => {
      expect(await redis.set('a', '1')).toBe('OK');
      expect(await redis.set('a', '2', { condition: 'NX' })).toBeNull();
      expect(await redis.set('a', '2', { condition: 'XX', GET: true })).toBe('1');
      expect(await redis.set('a', '3', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
      expect(await redis.set('a', '4', { expiration: 'KEEPTTL' })).toBe('OK');
      expect(await redis.ttl('a')).toBe(100);
      expect(await redis.mSet({ b: 'x', c: 'y' })).toBe('OK');
      expect(await redis.mGet(['a', 'b', 'none'])).toEqual(['4', 'x', null]);
      expect(await redis.mSetNX({ c: 'z', d: 'z' })).toBe(0);
      expect(await redis.getSet('b', 'z')).toBe('x');
      expect(await redis.getDel('b')).toBe('z');
      expect(await redis.getEx('a', { type: 'PERSIST' } as never)).toBe('4');
      expect(await redis.ttl('a')).toBe(-1);
      expect(await redis.setNX('a', '5')).toBe(0);
      expect(await redis.setEx('e', 50, 'v')).toBe('OK');
      expect(await redis.pSetEx('e', 50_000, 'v')).toBe('OK');
      expect(await redis.append('e', 'alue')).toBe(5);
      expect(await redis.strLen('e')).toBe(5);
      expect(await redis.getRange('e', 1, -2)).toBe('alu');
      expect(await redis.setRange('e', 5, 's')).toBe(6);
      expect(await redis.incr('n')).toBe(1);
      expect(await redis.incrBy('n', 9)).toBe(10);
      expect(await redis.decr('n')).toBe(9);
      expect(await redis.decrBy('n', 4)).toBe(5);
      expect(await redis.incrByFloat('n', 0.5)).toBe('5.5');
    });

    it('has the commands on keys and their expiry', async () => {
      await redis.mSet({ a: '1', b: '2', c: '3' });
      expect(await redis.exists(['a', 'b', 'none'])).toBe(2);
      expect(await redis.type('a')).toBe('string');
      expect(await redis.touch(['a', 'none'])).toBe(1);
      expect(await redis.rename('a', 'z')).toBe('OK');
      expect(await redis.renameNX('z', 'b')).toBe(0);
      expect(await redis.copy('z', 'b', { REPLACE: true })).toBe(1);
      expect((await redis.keys('*')).sort()).toEqual(['b', 'c', 'z']);
      expect(await redis.dbSize()).toBe(3);
      expect(['b', 'c', 'z']).toContain(await redis.randomKey());
      expect(await redis.del('z')).toBe(1);
      expect(await redis.unlink(['b', 'none'])).toBe(1);
      expect(await redis.expire('c', 100)).toBe(1);
      expect(await redis.expire('c', 50, 'GT')).toBe(0);
      expect(await redis.pExpire('c', 200_000, 'XX')).toBe(1);
      expect(await redis.pTTL('c')).toBeGreaterThan(190_000);
      const at = Math.floor(Date.now() / 1000) + 1000;
      expect(await redis.expireAt('c', at)).toBe(1);
      expect(await redis.expireTime('c')).toBe(at);
      expect(await redis.pExpireAt('c', at * 1000 + 5)).toBe(1);
      expect(await redis.pExpireTime('c')).toBe(at * 1000 + 5);
      expect(await redis.persist('c')).toBe(1);
      expect(await redis.objectEncoding('c')).toBe('int');
      expect(await redis.objectRefCount('c')).toBe(1);
      expect(await redis.memoryUsage('c')).toBeGreaterThan(0);
      expect(await redis.memoryUsage('none')).toBeNull();
    });

    it('keeps bytes, also those that are no text', async () => {
      const bytes = Buffer.from([0, 13, 10, 255, 36]);
      await redis.set('bytes', bytes);
      const { RESP_TYPES } = await import('redis');
      expect(await redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get('bytes')).toEqual(bytes);
    });

    it('finds all keys by its iterator, with a pattern and without', async () => {
      const names = Array.from({ length: 300 }, (_, i) => `${i % 2 ? 'odd' : 'even'}:${i}`);
      await Promise.all(names.map((name) => redis.set(name, 'v')));
      const found: string[] = [];
      for await (const keys of redis.scanIterator({ MATCH: 'odd:*', COUNT: 7, TYPE: 'string' })) found.push(...keys);
      expect(found.sort()).toEqual(names.filter((name) => name.startsWith('odd')).sort());
      let all = 0;
      for await (const keys of redis.scanIterator()) all += keys.length;
      expect(all).toBe(300);
    });

    it('runs transactions, but not if a watched key was changed', async () => {
      expect(await redis.multi().set('a', '1').incr('a').get('a').pTTL('a').exec()).toEqual(['OK', 2, '2', -1]);
      expect(await redis.multi().set('b', 'x').get('b').execAsPipeline()).toEqual(['OK', 'x']);
      await redis.watch('a');
      expect(await redis.multi().incr('a').exec()).toEqual([3]);
      const other = connect(engine, RESP);
      await other.connect();
      await redis.watch('a');
      await other.set('a', 'x');
      await expect(redis.multi().set('a', 'y').exec()).rejects.toBeInstanceOf(WatchError);
      expect(await redis.get('a')).toBe('x');
      await expect(redis.multi().incr('a').set('c', '1').exec()).rejects.toThrow('1 commands failed');
      expect(await redis.get('c')).toBe('1');
      other.destroy();
    });

    it('is notified of changes', async () => {
      const seen: string[] = [];
      const subscriber = redis.duplicate();
      subscriber.on('error', () => undefined);
      await subscriber.connect();
      await subscriber.pSubscribe('__keyspace@0__:s:*', (message, channel) => seen.push(`${channel} ${message}`));
      await subscriber.subscribe('__keyevent@0__:del', (message) => seen.push(`del ${message}`));
      await redis.set('s:a', '1');
      await redis.del('s:a');
      await redis.set('s:b', '1', { expiration: { type: 'PX', value: 1 } });
      const expected = ['s:a set', 's:a del', 's:b set', 's:b expired'].map((line) => `__keyspace@0__:${line}`);
      await expect.poll(() => [...seen].sort(), { timeout: 10_000 }).toEqual([...expected, 'del s:a'].sort());
      await subscriber.pUnsubscribe('__keyspace@0__:s:*');
      await subscriber.unsubscribe();
      expect(String(await subscriber.ping())).toBe('PONG');
      subscriber.destroy();
    });

    it('says who it is, and what the server is', async () => {
      expect(await redis.ping()).toBe('PONG');
      expect(await redis.echo('x')).toBe('x');
      await redis.clientSetName('mine');
      expect(await redis.clientGetName()).toBe('mine');
      const id = await redis.clientId();
      expect(await redis.clientInfo()).toMatchObject({ id, name: 'mine', resp: RESP, libName: 'node-redis' });
      expect((await redis.clientList()).map((client) => client.id)).toContain(id);
      expect(await redis.info('server')).toContain('redis_version:7');
      expect(await redis.configGet('maxmemory-policy')).toEqual({ 'maxmemory-policy': 'noeviction' });
      expect(await redis.commandCount()).toBeGreaterThan(40);
      expect(await redis.commandInfo(['get', 'nothing'])).toMatchObject([{ name: 'get', arity: 2 }, null]);
      expect(await redis.commandList()).toContain('getex');
      expect(Math.abs(Number((await redis.time())[0]) - Date.now() / 1000)).toBeLessThan(60);
      expect(await redis.wait(0, 1)).toBe(0);
      await redis.select(0);
      await expect(redis.lPush('l', 'v')).rejects.toThrow("unknown command 'LPUSH'");
    });

    it('keeps hashes and sets', async () => {
      await redis.del(['h', 's']);
      expect(await redis.hSet('h', { name: 'Ada', 10: 'ten' })).toBe(2);
      expect({ ...(await redis.hGetAll('h')) }).toEqual({ name: 'Ada', 10: 'ten' });
      expect(await redis.hIncrBy('h', 'n', 5)).toBe(5);
      expect(await redis.sAdd('s', ['a', 'b', 'a'])).toBe(2);
      expect([...(await redis.sMembers('s'))].sort()).toEqual(['a', 'b']);
      await expect(redis.get('h')).rejects.toThrow('WRONGTYPE');
    });
  },
);

it('gets the error WRONGPASS if its key is wrong', async () => {
  for (const RESP of [2, 3] as const) {
    const url = server.url('memory').replace(':k@', ':wrong@');
    const client = createClient({ url, RESP, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toThrow('WRONGPASS');
    if (client.isOpen) client.destroy();
  }
});

it('reconnects after the server has restarted, with its subscriptions, and finds what it wrote', async () => {
  const clients = await Promise.all(
    ([2, 3] as const).map(async (RESP) => {
      const client = connect('lmdb', RESP);
      const subscriber = client.duplicate();
      subscriber.on('error', () => undefined);
      await Promise.all([client.connect(), subscriber.connect()]);
      const seen: string[] = [];
      await subscriber.subscribe('__keyevent@0__:set', (key) => seen.push(key));
      return { client, subscriber, seen };
    }),
  );
  for (const { client } of clients) await client.set('kept', 'v');
  await server.restart();
  for (const { client, subscriber, seen } of clients) {
    expect(await client.get('kept')).toBe('v');
    await expect.poll(async () => (await client.set('later', 'v')) && seen, { timeout: 20_000 }).toContain('later');
    client.destroy();
    subscriber.destroy();
  }
});
