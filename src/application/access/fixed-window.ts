import { GenerationalCache } from '../generational-cache.js';
import type { RateKind, RatesElsewhere, RateUse } from '../ports/registry/rates-elsewhere.js';

const MAX_NAMES = 20_000;
/** How many names may be reported to other servers, and how many of them are: reports are small, and many. */
const MAX_CANDIDATES = 500;
const MAX_REPORTED = 20;
/** The part of the limit from which on they are reported. */
const REPORTED_FROM = 0.1;

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
  /** Windows in which much is used. */
  readonly #candidates = new Map<string, Window>();

  /** At most `limit` per `period` (ms), together with servers that share it. */
  constructor(
    readonly limit: number,
    readonly period: number,
    private readonly kind: RateKind,
    private readonly elsewhere: RatesElsewhere,
  ) {}

  /** The current window of the name at `now` (ms), of this server alone. */
  windowOf(name: string, now: number): Window {
    const window = this.#windows.get(name);
    // A clock that stepped back must not lock clients out for long.
    if (window !== undefined && window.until > now && window.until - now <= this.period) {
      const isMuch = window.count >= this.limit * REPORTED_FROM;
      if (isMuch && this.#candidates.size < MAX_CANDIDATES) this.#candidates.set(name, window);
      return window;
    }
    const fresh = { count: 0, until: now + this.period };
    this.#windows.set(name, fresh);
    return fresh;
  }

  /** What is used at `now` of a window of `windowOf`, with what other servers have counted. */
  usedOf(name: string, window: Window, now: number): Readonly<Window> {
    const others = this.elsewhere.of(this.kind, name);
    if (others === undefined) return window;
    return { count: window.count + others.count, until: Math.max(window.until, now + others.endsIn) };
  }

  /** What is reported to other servers at `now`: the names that have used most. */
  reportAt(now: number): ReadonlyMap<string, RateUse> {
    for (const [name, { until }] of this.#candidates) if (until <= now) this.#candidates.delete(name);
    const most = [...this.#candidates].sort(([, a], [, b]) => b.count - a.count).slice(0, MAX_REPORTED);
    return new Map(most.map(([name, { count, until }]) => [name, { count, endsIn: until - now }]));
  }
}
