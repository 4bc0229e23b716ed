import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import type { StorageSpec } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';

/** An empty store beside a project's current one, to be filled and then activated or discarded. One at a time. */
export interface StagedStore {
  readonly store: Store;
  /** Makes it the project's store, durably, in one atomic step that records the migration it ends. Call it within `quiesce`. */
  activate(done?: Migration): Promise<void>;
  /** What an error met while filling it means to the client: `insufficient_storage` if the disk is full. */
  translateError(error: unknown): Promise<unknown>;
  /** Closes it and removes its data; nothing once it is active. */
  discard(): Promise<void>;
}

/** A staged store for the same content, in another engine or under another key. */
export interface MigrationTarget extends StagedStore {
  /** Records the state of the migration, durably, also after `discard`. */
  recordMigration(migration: Migration): Promise<void>;
}

/** How an open keyspace gets another store while it is in use. */
export interface KeyspaceStaging {
  /** Whether data has to move for these settings. Rejects with `conflict` if they could be applied, but not now. */
  requiresMigration(project: Project): Promise<boolean>;
  /**
   * Stages a store at the place that the project's settings ask for, for the same content; the current store is kept for a while
   * after it is activated. Rejects with `insufficient_storage` if the present data does not fit, with `unavailable` if it cannot
   * be made, with `conflict` while there is another one.
   */
  stageMigration(project: Project): Promise<MigrationTarget>;
  /** Stages a store of the present engine, for other content; the current one is not kept. Rejects like `stageMigration`. */
  stageReplacement(): Promise<StagedStore>;
  /** Makes the store before the last migration current again and records that; `conflict` once there are newer writes. */
  revert(undone: Migration): Promise<StorageSpec>;
}
