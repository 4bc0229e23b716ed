/** What the configuration says for the whole server. */
export interface SystemSettings {
  /** Whether projects may be listed, and whether an unknown one is told from a foreign one. */
  projectDiscoverable(): boolean;
}
export const SystemSettings = Symbol('SystemSettings');
