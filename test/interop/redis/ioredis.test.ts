import { once } from 'node:events';
import { Redis as Redis5 } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-6';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, RedisServer } from './redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

/** Clients, by their version and that of the protocol. The interface of the newer one is that of the older one. */
const CLIENTS: Readonly<Record<string, (url: string) => Redis5>> = {
  'ioredis 5, RESP2': (url) => new Redis5(url),
  'ioredis 6, RESP2': (url) => new Redis6(url, { protocol: 2 }) as never,
  'ioredis 6, RESP3': (url) => new Redis6(url, { protocol: 3 }) as never,
};

const CASES = ENGINES.flatMap((engine) => Object.keys(CLIENTS).map((client) => [client, engine] as const));

function connect(client: string, project: string): Redis5 {
  const redis = CLIENTS[client]?.(server.url(project));
  if (redis === undefined) throw new Error(client);
  redis.on('error', () => undefined);
  return redis;
}

describe.each(CASES)('%s, %s', (client, engine) => {
  let redis: Redis5;
  beforeEach(async () => {
    redis = connect(client, engine);
    await redis.flushdb();
  });
  afterEach(() => redis.disconnect());

  it('has the commands on strings', async () => {
    expect(await redis.set('a', 1)).toBe('OK');
    expect(await redis.set('a', 2, 'NX')).toBeNull();
    expect(await redis.set('a', 2, 'EX', 100, 'XX', 'GET')).toBe('1');
    expect(await redis.set('a', 4, 'KEEPTTL')).toBe('OK');
    expect(await redis.ttl('a')).toBe(100);
    expect(await redis.mset({ b: 'x', c: 'y' })).toBe('OK');
    expect(await redis.mget('a', 'b', 'none')).toEqual(['4', 'x', null]);
    expect(await redis.msetnx('c', 'z', 'd', 'z')).toBe(0);
    expect(await redis.getset('b', 'z')).toBe('x');
    expect(await redis.getdel('b')).toBe('z');
    expect(await redis.getex('a', 'PERSIST')).toBe('4');
    expect(await redis.setnx('a', 5)).toBe(0);
    expect(await redis.setex('e', 50, 'v')).toBe('OK');
    expect(await redis.psetex('e', 50_000, 'v')).toBe('OK');
    expect(await redis.append('e', 'alue')).toBe(5);
    expect(await redis.strlen('e')).toBe(5);
    expect(await redis.getrange('e', 1, -2)).toBe('alu');
    expect(await redis.substr('e', 0, 0)).toBe('v');
    expect(await redis.setrange('e', 5, 's')).toBe(6);
    expect(await redis.incr('n')).toBe(1);
    expect(await redis.incrby('n', 9)).toBe(10);
    expect(await redis.decr('n')).toBe(9);
    expect(await redis.decrby('n', 4)).toBe(5);
    expect(await redis.incrbyfloat('n', 0.5)).toBe('5.5');
    const bytes = Buffer.from([0, 13, 10, 255, 36]);
    await redis.set('bytes', bytes);
    expect(await redis.getBuffer('bytes')).toEqual(bytes);
  });

  it('has the commands on keys and their expiry', async () => {
    await redis.mset({ a: '1', b: 'text', c: '3' });
    expect(await redis.exists('a', 'b', 'none')).toBe(2);
    expect(await redis.type('a')).toBe('string');
    expect(await redis.touch('a', 'none')).toBe(1);
    expect(await redis.rename('a', 'z')).toBe('OK');
    expect(await redis.renamenx('z', 'b')).toBe(0);
    expect(await redis.copy('z', 'y', 'REPLACE')).toBe(1);
    expect((await redis.keys('?')).sort()).toEqual(['b', 'c', 'y', 'z']);
    expect(await redis.dbsize()).toBe(4);
    expect(['b', 'c', 'y', 'z']).toContain(await redis.randomkey());
    expect(await redis.del('z', 'y')).toBe(2);
    expect(await redis.unlink('none')).toBe(0);
    expect(await redis.expire('c', 100)).toBe(1);
    expect(await redis.expire('c', 50, 'GT')).toBe(0);
    expect(await redis.pexpire('c', 200_000, 'XX')).toBe(1);
    expect(await redis.pttl('c')).toBeGreaterThan(190_000);
    const at = Math.floor(Date.now() / 1000) + 1000;
    expect(await redis.expireat('c', at)).toBe(1);
    expect(await redis.expiretime('c')).toBe(at);
    expect(await redis.pexpireat('c', at * 1000 + 5)).toBe(1);
    expect(await redis.pexpiretime('c')).toBe(at * 1000 + 5);
    expect(await redis.persist('c')).toBe(1);
    expect(await redis.object('ENCODING', 'b')).toBe('embstr');
    expect(await redis.object('REFCOUNT', 'none')).toBeNull();
    expect(await redis.memory('USAGE', 'c', 'SAMPLES', 0)).toBeGreaterThan(0);
  });

  it('sends pipelines and transactions', async () => {
    const pipeline = redis.pipeline().set('a', 'x').incr('a').get('a').set('n', 1).incr('n');
    const replies = (await pipeline.exec())?.map(([error, reply]) => error?.message ?? reply);
    expect(replies).toEqual(['OK', 'ERR value is not an integer or out of range', 'x', 'OK', 2]);
    expect(await redis.multi().set('b', 1).incr('b').pttl('b').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, -1],
    ]);
    const many = redis.pipeline();
    for (let i = 0; i < 1000; i++) many.set(`many:${i}`, i).get(`many:${i}`);
    const pairs = (await many.exec())?.map(([, reply]) => reply);
    expect(pairs).toEqual(Array.from({ length: 1000 }, (_, i) => ['OK', `${i}`]).flat());
    const other = connect(client, engine);
    await redis.watch('b');
    await other.set('b', 'changed');
    expect(await redis.multi().set('b', 'mine').exec()).toBeNull();
    expect(await redis.get('b')).toBe('changed');
    await redis.watch('b');
    expect(await redis.multi().set('b', 'mine').exec()).toEqual([[null, 'OK']]);
    await expect(redis.multi().set('b', 1).call('LPUSH', 'h', 'v').exec()).rejects.toThrow('EXECABORT');
    expect(await redis.get('b')).toBe('mine');
    other.disconnect();
  });

  it('finds all keys by its stream, with a pattern', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `${i % 2 ? 'odd' : 'even'}:${i}`);
    await redis.mset(Object.fromEntries(names.map((name) => [name, 'v'])));
    const found: string[] = [];
    for await (const keys of redis.scanStream({ match: 'odd:*', count: 7 })) found.push(...keys);
    expect(found.sort()).toEqual(names.filter((name) => name.startsWith('odd')).sort());
  });

  it('is notified of changes', async () => {
    const seen: string[] = [];
    const subscriber = connect(client, engine);
    subscriber.on('pmessage', (_, channel, message) => seen.push(`${channel} ${message}`));
    subscriber.on('message', (_, message) => seen.push(`del ${message}`));
    expect(await subscriber.psubscribe('__keyspace@0__:s:*')).toBe(1);
    expect(await subscriber.subscribe('__keyevent@0__:del')).toBe(2);
    await redis.set('s:a', 1);
    await redis.del('s:a');
    await redis.set('s:b', 1, 'PX', 1);
    const expected = ['s:a set', 's:a del', 's:b set', 's:b expired'].map((line) => `__keyspace@0__:${line}`);
    await expect.poll(() => [...seen].sort(), { timeout: 10_000 }).toEqual([...expected, 'del s:a'].sort());
    await subscriber.punsubscribe('__keyspace@0__:s:*');
    expect(await subscriber.unsubscribe('__keyevent@0__:del')).toBe(0);
    expect(await subscriber.ping()).toBe('PONG');
    subscriber.disconnect();
  });
});

it.each(Object.keys(CLIENTS))('%s gets the error WRONGPASS if its key is wrong', async (name) => {
  const wrong = CLIENTS[name]?.(server.url('memory').replace(':k@', ':wrong@')) as Redis5;
  const [error] = await once(wrong, 'error').catch((reason) => [reason]);
  expect(String(error)).toContain('WRONGPASS');
  wrong.disconnect();
});

it('reconnects after the server has restarted, with its subscriptions, and finds what it wrote', async () => {
  const clients = await Promise.all(
    Object.keys(CLIENTS).map(async (name) => {
      const [client, subscriber, seen] = [connect(name, 'lmdb'), connect(name, 'lmdb'), [] as string[]];
      subscriber.on('message', (_, key) => seen.push(key));
      await subscriber.subscribe('__keyevent@0__:set');
      await client.set(`kept by ${name}`, 'v');
      return { name, client, subscriber, seen };
    }),
  );
  await server.restart();
  for (const { name, client, subscriber, seen } of clients) {
    expect(await client.get(`kept by ${name}`)).toBe('v');
    await expect.poll(async () => (await client.set(name, 'v')) && seen, { timeout: 20_000 }).toContain(name);
    client.disconnect();
    subscriber.disconnect();
  }
});
