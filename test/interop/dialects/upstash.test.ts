import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Server } from '../server.ts';

const ENGINES = ['memory', 'lmdb'] as const;
const FAR = 4_000_000_000;

/** A number of seconds that are left, some of which may have passed. */
const isAbout = (seconds: number) => (left: number) => left <= seconds && left > seconds - 40;

let server: Server;
beforeAll(async () => {
  const settings = { authentication: { api_key: 'k' }, dialects: ['upstash'] };
  server = await Server.start({
    projects: ENGINES.map((engine) => ({ id: engine, storage: { engine }, ...settings })),
  });
});
afterAll(() => server.stop());

describe.each(ENGINES)('@upstash/redis on %s', (engine) => {
  let redis: Redis;
  const client = (options: object = {}) =>
    new Redis({ url: `${server.address}/upstash/${engine}`, token: 'k', retry: false, ...options });

  beforeEach(async () => {
    redis = client();
    await redis.flushdb();
  });

  it.each([
    ['a text', 'text'],
    ['signs', 'ä €\n"&<\\ \u{1f600}'],
    ['OK', 'OK'],
    ['an integer', 5],
    ['a fraction', -1.5],
    ['true', true],
    ['null', null],
    ['an object', { deep: [1, { a: null }], text: 'x' }],
    ['an array', [1, 'two', null]],
  ])('keeps %s', async (_, value) => {
    expect(await redis.set('a', value)).toBe('OK');
    expect(await redis.get('a')).toEqual(value);
    expect(await redis.mget('a', 'none')).toEqual([value, null]);
    expect(await redis.getdel('a')).toEqual(value);
    expect(await redis.get('a')).toBeNull();
  });

  it('keeps texts as they are if it is not to parse them', async () => {
    const plain = client({ automaticDeserialization: false });
    await plain.set('a', '{"a":1}');
    expect(await plain.get('a')).toBe('{"a":1}');
    await plain.set('n', '007');
    expect(await plain.get('n')).toBe('007');
    expect(await client({ responseEncoding: false }).get('a')).toEqual({ a: 1 });
  });

  it('sets with every option', async () => {
    expect(await redis.set('a', 1, { nx: true })).toBe('OK');
    expect(await redis.set('a', 2, { nx: true })).toBeNull();
    expect(await redis.set('none', 2, { xx: true })).toBeNull();
    expect(await redis.set('a', 2, { xx: true, get: true })).toBe(1);
    await redis.set('a', 1, { ex: 100 });
    expect(await redis.ttl('a')).toSatisfy(isAbout(100));
    await redis.set('a', 1, { px: 200_000 });
    expect(await redis.pttl('a')).toBeGreaterThan(100_000);
    await redis.set('a', 1, { exat: FAR });
    expect(await redis.exec(['EXPIRETIME', 'a'])).toBe(FAR);
    await redis.set('a', 2, { keepTtl: true });
    expect(await redis.exec(['PEXPIRETIME', 'a'])).toBe(FAR * 1000);
    await redis.set('a', 1, { pxat: FAR * 1000 });
    expect(await redis.exec(['EXPIRETIME', 'a'])).toBe(FAR);
    expect(await redis.setex('a', 100, 'x')).toBe('OK');
    expect(await redis.psetex('a', 100_000, 'x')).toBe('OK');
    expect(await redis.ttl('a')).toSatisfy(isAbout(100));
    expect(await redis.setnx('a', 1)).toBe(0);
    expect(await redis.getset('a', 'y')).toBe('x');
    expect(await redis.getex('a', { ex: 50 })).toBe('y');
    expect(await redis.ttl('a')).toSatisfy(isAbout(50));
    expect(await redis.mset({ b: 1, c: { d: 1 } })).toBe('OK');
    expect(await redis.msetnx({ c: 1, e: 1 })).toBe(0);
    expect(await redis.mget('b', 'c', 'e')).toEqual([1, { d: 1 }, null]);
  });

  it('counts, and edits texts', async () => {
    expect([await redis.incr('n'), await redis.incrby('n', 9), await redis.decr('n')]).toEqual([1, 10, 9]);
    expect([await redis.decrby('n', 4), await redis.incrbyfloat('n', 0.1)]).toEqual([5, 5.1]);
    expect([await redis.append('t', 'hello'), await redis.append('t', ' you')]).toEqual([5, 9]);
    expect([await redis.getrange('t', 0, 4), await redis.getrange('t', -3, -1)]).toEqual(['hello', 'you']);
    expect([await redis.setrange('t', 6, 'all'), await redis.get('t')]).toEqual([9, 'hello all']);
    expect(await redis.strlen('t')).toBe(9);
    await expect(redis.incr('t')).rejects.toThrow('ERR value is not an integer or out of range');
  });

  it('knows keys', async () => {
    await redis.mset({ 'user:1': 1, 'user:2': 2, other: 3 });
    expect([await redis.exists('user:1', 'none'), await redis.touch('user:1'), await redis.type('other')]).toEqual([
      1,
      1,
      'string',
    ]);
    expect(await redis.type('none')).toBe('none');
    expect((await redis.keys('user:*')).sort()).toEqual(['user:1', 'user:2']);
    expect(await redis.dbsize()).toBe(3);
    expect(['user:1', 'user:2', 'other']).toContain(await redis.randomkey());
    const found: string[] = [];
    let cursor = '0';
    do {
      const page = await redis.scan(cursor, { match: 'user:*', count: 1, type: 'string' });
      cursor = page[0];
      found.push(...page[1]);
    } while (cursor !== '0');
    expect(found.sort()).toEqual(['user:1', 'user:2']);
    expect(await redis.rename('other', 'another')).toBe('OK');
    expect(await redis.renamenx('another', 'user:1')).toBe(0);
    expect(await redis.copy('another', 'copied')).toBe('COPIED');
    expect([await redis.del('user:1', 'none'), await redis.unlink('user:2')]).toEqual([1, 1]);
    await expect(redis.rename('none', 'x')).rejects.toThrow('ERR no such key');
    expect([await redis.ping(), await redis.ping(['hi']), await redis.echo('hello')]).toEqual(['PONG', 'hi', 'hello']);
    expect([await redis.flushall(), await redis.dbsize()]).toEqual(['OK', 0]);
  });

  it('lets keys expire', async () => {
    await redis.set('a', 1);
    expect([await redis.ttl('a'), await redis.ttl('none'), await redis.persist('a')]).toEqual([-1, -2, 0]);
    expect([await redis.expire('a', 100), await redis.expire('a', 50, 'GT')]).toEqual([1, 0]);
    expect(await redis.ttl('a')).toSatisfy(isAbout(100));
    expect([await redis.pexpire('a', 200_000), await redis.expireat('a', FAR)]).toEqual([1, 1]);
    expect(await redis.pexpireat('a', FAR * 1000)).toBe(1);
    expect([await redis.persist('a'), await redis.ttl('a')]).toEqual([1, -1]);
    await redis.pexpire('a', 5);
    await expect.poll(() => redis.exists('a')).toBe(0);
  });

  it('runs pipelines and transactions', async () => {
    const results = await redis.pipeline().set('a', { b: 1 }).get('a').incr('n').get('none').exec();
    expect(results).toEqual(['OK', { b: 1 }, 1, null]);
    const kept = await redis.pipeline().incr('a').incr('n').exec({ keepErrors: true });
    expect(kept[0].error).toBe('ERR value is not an integer or out of range');
    expect(kept[1].result).toBe(2);
    expect(await redis.multi().incr('n').decrby('n', 5).get('n').exec()).toEqual([3, -2, -2]);
    await expect(redis.multi().incr('n').lpush('l', 'a').exec()).rejects.toThrow('EXECABORT');
    expect(await redis.get('n')).toBe(-2);
    const together = client({ enableAutoPipelining: true });
    expect(await Promise.all([together.incr('n'), together.incr('n'), together.incr('n')])).toEqual([-1, 0, 1]);
  });

  it('reports what cannot be done', async () => {
    await expect(client({ token: 'wrong' }).get('a')).rejects.toThrow('WRONGPASS Invalid or missing API key');
    await expect(redis.lpush('l', 'a')).rejects.toThrow("ERR unknown command 'lpush'");
    await expect(redis.set('x'.repeat(600), 1)).rejects.toThrow('ERR a key has at most 512 bytes');
    await expect(redis.eval('return 1', [], [])).rejects.toThrow("ERR unknown command 'eval'");
  });
});
