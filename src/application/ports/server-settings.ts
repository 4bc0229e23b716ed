/** What the configuration says for the whole server. */
export interface ServerSettings {
  /** Whether projects may be listed, and whether an unknown one is told from a foreign one. */
  readonly projectDiscoverable: boolean;
  /** Whether figures are shown without a key. */
  readonly metricsPublic: boolean;
  /** The web origins whose pages may call the server, where a project names none of its own. */
  readonly origins: readonly string[];
}
export const ServerSettings = Symbol('ServerSettings');
