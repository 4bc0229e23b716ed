/** How the server as a whole is doing, as Simple-PyKV's envelopes show it. */
export interface SystemStatus {
  /**
   * The JSON text of `{memory_usage_bytes, number_of_projects, storage_usage_bytes, uptime, version}`, `uptime` in whole seconds.
   * Asking costs nothing: memory is at most a second old, storage as old as measuring it in the background takes.
   */
  json(): string;
}
export const SystemStatus = Symbol('SystemStatus');
