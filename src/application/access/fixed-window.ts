import { GenerationalCache } from '../generational-cache.js';

const MAX_NAMES = 20_000;

/** How much of the limit a name has used, and when (ms) the window ends. */
export interface Window {
  count: number;
  readonly until: number;
}

/**
 * A fixed-window rate limit per name. Of too many names, those that were unused for longest start with a new window.
 */
export class FixedWindow {
  readonly #windows = new GenerationalCache<Window>(MAX_NAMES);

  /** At most `limit` per `period` (ms). */
  constructor(
    readonly limit: number,
    readonly period: number,
  ) {}

  /** The current window of the name at `now` (ms). */
  windowOf(name: string, now: number): Window {
    const window = this.#windows.get(name);
    // A clock that stepped back must not lock clients out for long.
    if (window !== undefined && window.until > now && window.until - now <= this.period) return window;
    const fresh = { count: 0, until: now + this.period };
    this.#windows.set(name, fresh);
    return fresh;
  }
}
