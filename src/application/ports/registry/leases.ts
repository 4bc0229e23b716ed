/** Which of several servers does what one of them does for all. */
export interface Leases {
  /** Whether there may be other servers. */
  readonly isShared: boolean;
  /** Whether this server, and no other one, sweeps a project and takes its snapshots. */
  maintains(project: string): boolean;
}
export const Leases = Symbol('Leases');

/** Those of a server that shares nothing: it has them all. */
export const ownLeases: Leases = { isShared: false, maintains: () => true };
