import { GenerationalCache } from '../generational-cache.js';
import type { RateKind, RatesElsewhere, RateUse } from '../ports/registry/rates-elsewhere.js';

const MAX_NAMES = 20_000;
/** The most names whose counts are reported to other servers. */
const MAX_REPORTED = 500;
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
  readonly #reported = new Map<string, Window>();

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
      if (window.count >= this.limit * REPORTED_FROM && this.#reported.size < MAX_REPORTED)
        this.#reported.set(name, window);
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

  /** What is reported to other servers at `now`. */
  reportAt(now: number): ReadonlyMap<string, RateUse> {
    for (const [name, { until }] of this.#reported) if (until <= now) this.#reported.delete(name);
    return new Map([...this.#reported].map(([name, { count, until }]) => [name, { count, endsIn: until - now }]));
  }
}
