/** How the server is doing, as the envelope's `System` shows it. */
export interface ServerStatus {
  /** `{memory_usage_bytes, number_of_projects, storage_usage_bytes, uptime, version}` as JSON text, from a cache. */
  json(): string;
}
export const ServerStatus = Symbol('ServerStatus');
