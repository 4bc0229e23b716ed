import { rateLimiter } from 'portkv/rate-limiter';
import * as flexible from 'rate-limiter-flexible';
import { type IRateLimiterStoreOptions, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { afterEach, expect, expectTypeOf, it } from 'vitest';
import { onEveryStore } from './stores.ts';

const RateLimiterPortkv = rateLimiter(flexible);

onEveryStore((store) => {
  const limiter = (options: Partial<IRateLimiterStoreOptions>) =>
    new RateLimiterPortkv({ points: 2, duration: 60, keyPrefix: 'rl', ...options, storeClient: store() });
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );

  afterEach(async () => {
    await store().clear();
  });

  it('counts points, and refuses when none are left', async () => {
    const twice = limiter({});
    expect(await twice.get('a')).toBeNull();
    expect(await twice.consume('a')).toMatchObject({ consumedPoints: 1, remainingPoints: 1, isFirstInDuration: true });
    expect(await twice.consume('a')).toMatchObject({ consumedPoints: 2, remainingPoints: 0, isFirstInDuration: false });
    const refused = await refusal(twice.consume('a'));
    expect(refused).toBeInstanceOf(RateLimiterRes);
    expect(refused).toMatchObject({ consumedPoints: 3, remainingPoints: 0 });
    expect((refused as RateLimiterRes).msBeforeNext).toBeGreaterThan(0);
    expect(await twice.get('a')).toMatchObject({ consumedPoints: 3 });
    expect(await twice.consume('b')).toMatchObject({ consumedPoints: 1 });
  });

  it('lets exactly as many through as there are points, however many ask at once', async () => {
    const ten = limiter({ points: 10 });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => ten.consume('a')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await ten.get('a')).toMatchObject({ consumedPoints: 40 });
  });

  it('ends a window where its first point began it, and begins the next one by itself', async () => {
    const minute = limiter({});
    await minute.consume('a');
    const { expiresAt } = (await store().head('rl:a')) ?? {};
    await new Promise((resolve) => setTimeout(resolve, 20));
    await minute.consume('a');
    await minute.penalty('a');
    expect((await store().head('rl:a'))?.expiresAt).toEqual(expiresAt);
    expect(Number(expiresAt)).toBeLessThanOrEqual(Date.now() + 60_000);
    const brief = limiter({ points: 1, duration: 0.2, keyPrefix: 'brief' });
    await brief.consume('a');
    await expect.poll(() => refusal(brief.consume('a')), { timeout: 10_000, interval: 100 }).toBeUndefined();
  });

  it('fines, rewards, sets, blocks and forgets', async () => {
    const one = limiter({});
    expect(await one.penalty('a', 5)).toMatchObject({ consumedPoints: 5 });
    expect(await one.reward('a', 4)).toMatchObject({ consumedPoints: 1, remainingPoints: 1 });
    expect(await one.set('a', 2, 30)).toMatchObject({ consumedPoints: 2 });
    expect((await one.get('a'))?.msBeforeNext).toBeLessThanOrEqual(30_000);
    expect(await refusal(one.consume('a'))).toBeInstanceOf(RateLimiterRes);
    await one.block('b', 30);
    expect(await refusal(one.consume('b'))).toBeInstanceOf(RateLimiterRes);
    expect(await one.delete('b')).toBe(true);
    expect(await one.delete('b')).toBe(false);
    expect(await one.consume('b')).toMatchObject({ consumedPoints: 1 });
    await one.block('c', 0);
    expect(await one.get('c')).toMatchObject({ msBeforeNext: -1 });
  });

  it('blocks for longer once points are exceeded', async () => {
    const strict = limiter({ points: 1, duration: 1, blockDuration: 600 });
    await strict.consume('a');
    expect(await refusal(strict.consume('a'))).toMatchObject({ msBeforeNext: 600_000 });
    expect((await strict.get('a'))?.msBeforeNext).toBeGreaterThan(500_000);
  });

  it('keeps points without a duration', async () => {
    await limiter({ duration: 0 }).consume('a');
    expect(await limiter({ duration: 0 }).get('a')).toMatchObject({ consumedPoints: 1, msBeforeNext: -1 });
  });

  it('tells keys of any length apart', async () => {
    const long = 'x'.repeat(600);
    await limiter({}).consume(long);
    expect(await limiter({}).consume(`${long}y`)).toMatchObject({ consumedPoints: 1 });
    expect(await limiter({}).consume(long)).toMatchObject({ consumedPoints: 2 });
  });

  it('rejects with the error of the store, unless it is insured', async () => {
    await store().put('rl:a', 'no number');
    expect(await refusal(limiter({}).consume('a'))).toMatchObject({ code: 'unprocessable' });
    const insuranceLimiter = new RateLimiterMemory({ points: 1, duration: 60 });
    expect(await limiter({ insuranceLimiter }).consume('a')).toMatchObject({ consumedPoints: 1 });
    expect(await refusal(limiter({}).consume('b', 0.5))).toMatchObject({ code: 'invalid' });
  });
});

it('has the type of a limiter of the package', () => {
  expectTypeOf<InstanceType<typeof RateLimiterPortkv>>().toExtend<flexible.RateLimiterStoreAbstract>();
});
