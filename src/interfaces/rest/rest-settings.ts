/** Settings of HTTP alone. */
export interface RestSettings {
  /** The web origins whose pages may call the server, if a project names none of its own. */
  readonly origins: readonly string[];
  /** The proxies whose `X-Forwarded-For` is trusted: so many in a row, or those with these addresses or networks. */
  readonly trustedProxies: TrustedProxies;
  /** Whether the console is served. */
  readonly consoleEnabled: boolean;
}
export const RestSettings = Symbol('RestSettings');

export type TrustedProxies = number | readonly string[];
