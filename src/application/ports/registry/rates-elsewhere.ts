/** How many requests of one name were counted in a window that is not over. */
export interface RateUse {
  readonly count: number;
  /** When the window ends, in ms from now. */
  readonly endsIn: number;
}

/** What is counted: requests of a key or an address, wrong secrets for a key or from an address. */
export type RateKind = 'key' | 'address' | 'wrong key' | 'wrong address';

/** What servers that share their rates report to each other, some times a second. */
export interface RatesElsewhere {
  /** What the others have counted together, with the last end of their windows; undefined if nothing. */
  of(kind: RateKind, name: string): RateUse | undefined;
  /** What `used` returns, by name, is reported to the others. */
  report(kind: RateKind, used: () => ReadonlyMap<string, RateUse>): void;
}
export const RatesElsewhere = Symbol('RatesElsewhere');

/** Those of a server that shares nothing. */
export const noRatesElsewhere: RatesElsewhere = { of: () => undefined, report: () => undefined };
