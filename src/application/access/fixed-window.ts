import { GenerationalCache } from '../generational-cache.js';

const MAX_NAMES = 20_000;

/** What a name has used of its allowance, and when (ms) it has all of it again. */
export interface Window {
  count: number;
  readonly until: number;
}

/** So much for each name in so much time. Bounded: of too many names those that were quiet for longest start anew. */
export class FixedWindow {
  readonly #used = new GenerationalCache<Window>(MAX_NAMES);

  /** `amount` per `period` (ms). */
  constructor(
    readonly limit: number,
    readonly period: number,
  ) {}

  /** What the name has used by now (ms). */
  windowOf(name: string, now: number): Window {
    const used = this.#used.get(name);
    // A clock that stepped back must not lock anybody out for long.
    if (used !== undefined && used.until > now && used.until - now <= this.period) return used;
    const fresh = { count: 0, until: now + this.period };
    this.#used.set(name, fresh);
    return fresh;
  }
}
