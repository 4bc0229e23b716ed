import type { SnapshotRecord } from '../../../application/ports/registry/snapshot-storage.js';

/** A snapshot, the server that has its file, and whether that has to remove it. */
export type NotedSnapshot = SnapshotRecord & { readonly server: string; readonly deleted?: true };

/** The snapshots of a project, at whichever server. */
export interface NotedSnapshots {
  /** Another one for each project that had the same name. */
  readonly of: string;
  readonly records: readonly NotedSnapshot[];
}

/** Where several servers note their snapshots. */
export interface SnapshotNotes {
  /** The name of this server. */
  readonly node: string;
  /** As this server serves it; undefined if nothing is noted. */
  of(project: string): NotedSnapshots | undefined;
  /** The projects of which snapshots of this server are noted; some of them may be deleted. */
  projects(): readonly string[];
  /** Whether a project is deleted. */
  isDeleted(project: string): boolean;
  /**
   * Notes what `plan` makes of the newest state; resolves with that when all servers know of it. Undefined, and nothing
   * is noted, if the project is deleted. Rejects with `unavailable`.
   */
  change(project: string, plan: (now: NotedSnapshots) => NotedSnapshots): Promise<NotedSnapshots | undefined>;
}
