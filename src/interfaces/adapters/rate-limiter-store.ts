import type { KeyValueStore } from '../key-value-store/key-value-store.js';
import { storedKey } from './stored-key.js';

// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for this of a class to extend
type Constructor = abstract new (...args: any[]) => object;

/** What is used of the package rate-limiter-flexible. */
export interface RateLimiterFlexible {
  /** Its superclass is what every store extends; the package does not export that one. */
  readonly RateLimiterRedis: Constructor;
  readonly RateLimiterRes: new (left?: number, msBeforeNext?: number, consumed?: number, isFirst?: boolean) => object;
}

/** The points of a key, and when they are forgotten; never if that is undefined. */
interface Consumed {
  readonly points: number;
  readonly expiresAt: Date | undefined;
}

/** The class `RateLimiterPortkv` of that package's kind; its `storeClient` is a store, which it does not close. */
export type RateLimiterClass<F extends RateLimiterFlexible> = new (
  options: Omit<ConstructorParameters<F['RateLimiterRedis']>[0], 'storeClient'> & {
    readonly storeClient: KeyValueStore;
  },
) => InstanceType<F['RateLimiterRedis']>;

/**
 * A limiter class for rate-limiter-flexible, which is passed in. Points are counted by one increment, so no two callers
 * can consume the same one. The window begins with the first point, and nothing but its end empties it.
 */
export function rateLimiter<F extends RateLimiterFlexible>(flexible: F): RateLimiterClass<F> {
  const Base: new (options: object) => { readonly points: number } = Object.getPrototypeOf(flexible.RateLimiterRedis);
  class RateLimiterPortkv extends Base {
    readonly #points: Points;

    constructor(options: { readonly storeClient: KeyValueStore }) {
      super(options);
      this.#points = new Points(options.storeClient);
    }

    _upsert(key: string, points: number, ms: number, replaces = false): Promise<Consumed> {
      return replaces ? this.#points.set(key, points, ms) : this.#points.add(key, points, ms);
    }

    _get(key: string): Promise<Consumed | null> {
      return this.#points.get(key);
    }

    _delete(key: string): Promise<boolean> {
      return this.#points.delete(key);
    }

    _getRateLimiterRes(_key: string, changed: number, { points, expiresAt }: Consumed): object {
      const left = Math.max(this.points - points, 0);
      const ms = expiresAt ? Math.max(expiresAt.getTime() - Date.now(), 0) : -1;
      return new flexible.RateLimiterRes(left, ms, points, points === changed);
    }
  }
  return RateLimiterPortkv as unknown as RateLimiterClass<F>;
}

class Points {
  constructor(private readonly store: KeyValueStore) {}

  async add(name: string, by: number, ms: number): Promise<Consumed> {
    const { key } = await storedKey('', name);
    const [{ value, expiresAt }] = await this.store.transaction([{ increment: { key, by, ...expiry(ms) } }]);
    return { points: Number(value), expiresAt };
  }

  async set(name: string, points: number, ms: number): Promise<Consumed> {
    const { key } = await storedKey('', name);
    await this.store.put(key, points, expiry(ms));
    return { points, expiresAt: ms > 0 ? new Date(Date.now() + ms) : undefined };
  }

  async get(name: string): Promise<Consumed | null> {
    const found = await this.store.get((await storedKey('', name)).key);
    return found === undefined ? null : { points: Number(found.value), expiresAt: found.expiresAt };
  }

  async delete(name: string): Promise<boolean> {
    return this.store.delete((await storedKey('', name)).key);
  }
}

/** Points last forever if the time is 0. */
function expiry(ms: number): { readonly ttl?: number } {
  return ms > 0 ? { ttl: ms / 1000 } : {};
}
