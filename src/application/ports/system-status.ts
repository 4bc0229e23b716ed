/** How the server as a whole is doing. */
export interface SystemStatusRecord {
  readonly memoryBytes: number;
  readonly projects: number;
  readonly storageBytes: number;
  /** In whole seconds. */
  readonly uptime: number;
  readonly version: string;
}

export interface SystemStatus {
  /**
   * The same object while nothing changed. Asking costs nothing: memory is at most a second old, storage as old as measuring it in
   * the background takes.
   */
  current(): SystemStatusRecord;
}
export const SystemStatus = Symbol('SystemStatus');
