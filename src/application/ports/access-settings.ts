/** What the configuration says about access, for every transport. */
export interface AccessSettings {
  /** Whether projects may be listed, and an unknown one gets another error than a foreign one. */
  readonly projectDiscoverable: boolean;
  /** Whether metrics are shown without a key. */
  readonly metricsPublic: boolean;
  /** The most requests of one key in a time; unlimited if not set. */
  readonly ratePerKey: Rate | undefined;
  /** The most requests of one address. */
  readonly ratePerAddress: Rate | undefined;
  /** The most requests that wait for stores at a time; more get `unavailable`. */
  readonly maxWaiting: number;
}
export const AccessSettings = Symbol('AccessSettings');

export interface Rate {
  readonly requests: number;
  readonly seconds: number;
}
