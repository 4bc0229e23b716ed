/** What the configuration says for the whole server. */
export interface ServerSettings {
  /** Whether projects may be listed, and whether an unknown one is told from a foreign one. */
  readonly projectDiscoverable: boolean;
  /** Whether figures are shown without a key. */
  readonly metricsPublic: boolean;
  /** The web origins whose pages may call the server, where a project names none of its own. */
  readonly origins: readonly string[];
  /** How often one key, and one address, may ask; without a bound where not set. */
  readonly rates: { readonly perKey?: Rate | undefined; readonly perAddress?: Rate | undefined };
  /** Which proxies are believed when they say for whom they ask: so many in a row, or those with these addresses or networks. */
  readonly trustedProxies: TrustedProxies;
}
export const ServerSettings = Symbol('ServerSettings');

export interface Rate {
  readonly requests: number;
  readonly seconds: number;
}

export type TrustedProxies = number | readonly string[];
