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
   * The same object while nothing changed. Cheap to call: memory is at most a second old, storage as old as the last
   * measurement in the background.
   */
  current(): SystemStatusRecord;
}
export const SystemStatus = Symbol('SystemStatus');
