import type { NodeAbout } from '../../application/ports/registry/nodes.js';

/** All documents of a registry at one moment. */
export interface DocumentsRead {
  /** Of the last commit; 0 if nothing was committed yet. */
  readonly revision: number;
  /** The texts by name. */
  readonly documents: ReadonlyMap<string, string>;
}

/** By what is counted: how often, and in how many ms the window ends. */
export type ReportedRates = Readonly<Record<string, readonly [count: number, endsIn: number]>>;

/** What a node says of itself. */
export interface NodeReport {
  /** Of one run of a server: it has another one after a restart. */
  readonly id: string;
  /** The revision that it serves. */
  readonly applied: number;
  /** Differs from report to report. */
  readonly count: number;
  /** Missing in reports of an earlier PortKV. */
  readonly about?: NodeAbout;
  /** What it has counted, if the servers share their rates. */
  readonly rates?: ReportedRates;
}

/** What a node learns when it reports. */
export interface Heartbeat {
  readonly revision: number;
  /** The last report of each other node. */
  readonly others: readonly NodeReport[];
  /** The store has no room: it recorded nothing, and has an earlier report of this node. */
  readonly isFull?: true;
}

/**
 * Documents that several nodes share, in a store that loses nothing that it acknowledged. All of them have one revision
 * together, which each commit raises. Everything rejects with `unavailable` if the store does not answer in time.
 */
export interface Documents {
  read(): Promise<DocumentsRead>;
  /**
   * Replaces and removes (undefined) documents at once if the revision is still the expected one. Returns the new
   * revision; undefined if there was another commit, and nothing was changed then. If it rejects, the commit may have
   * happened, or not.
   */
  commit(expected: number, changes: ReadonlyMap<string, string | undefined>): Promise<number | undefined>;
  /**
   * Records the report of a node, and reads at the same moment: no commit comes between. A store that is full, and has
   * a report of the node, is only read.
   */
  report(node: NodeReport): Promise<Heartbeat>;
  /** Removes a report if it is still this one. */
  forget(node: NodeReport): Promise<void>;
  close(): Promise<void>;
}
