/** What the configuration says for the whole server. */
export interface ServerSettings {
  /** Whether projects may be listed, and whether an unknown one is told from a foreign one. */
  readonly projectDiscoverable: boolean;
}
export const ServerSettings = Symbol('ServerSettings');
