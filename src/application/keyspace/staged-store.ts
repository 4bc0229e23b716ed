import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import type { Discarded, StorageSpec } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';

/** An empty store beside a project's current one, to be filled and then activated or discarded. One at a time. */
export interface StagedStore {
  readonly store: Store;
  /**
   * Makes it the project's store, durably, in one atomic step that also records the finished migration. Call it inside
   * `quiesce`. Returns the names, in the data folder, that damaged files get, which are put aside; `isDamaged` is
   * whether the present content was found to be damaged.
   */
  activate(done?: Migration, isDamaged?: boolean): Promise<readonly string[]>;
  /**
   * Has the present store refuse what other servers commit, until this one is active or discarded. Undefined if no
   * other server does.
   */
  readonly fence?: (() => Promise<void>) | undefined;
  /** The error for the client if filling the store failed: `insufficient_storage` if the disk is full. */
  translateError(error: unknown): Promise<unknown>;
  /** Closes it and removes its data; does nothing once it is active. */
  discard(): Promise<Discarded>;
}

/** A staged store for the same content, in another engine or under another key. */
export interface MigrationTarget extends StagedStore {
  /** Records the state of the migration, durably, also after `discard`. */
  recordMigration(migration: Migration): Promise<void>;
}

/** What a revert did. */
export interface Reverted {
  /** Where the data is now. */
  readonly storage: StorageSpec;
  /** The names, in the data folder, that damaged files got, which were put aside. */
  readonly kept: readonly string[];
}

/** Gives an open keyspace another store while it is in use. */
export interface KeyspaceStaging {
  /** Whether these settings require a migration. Rejects with `conflict` if they could be applied, but not now. */
  requiresMigration(project: Project): Promise<boolean>;
  /**
   * Stages a store at the place that the project's settings ask for, for the same content. After its activation the
   * previous store is kept for a while. Rejects with `insufficient_storage` if the current data does not fit, with
   * `unavailable` if the store cannot be created, with `conflict` while another one is staged.
   */
  stageMigration(project: Project): Promise<MigrationTarget>;
  /**
   * Stages a store of the current engine, for other content; the previous store is not kept, unless it is damaged.
   * Rejects like `stageMigration`; with the reason of the damage if other programs share the damaged files.
   */
  stageReplacement(): Promise<StagedStore>;
  /**
   * Makes the store before the last migration current again and records that. Rejects with `conflict` if it is gone, or
   * if there are newer writes and the current store is not damaged.
   */
  revert(undone: Migration): Promise<Reverted>;
}
