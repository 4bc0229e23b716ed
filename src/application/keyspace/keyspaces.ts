import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import type { Awaitable, Store } from '../ports/store.js';
import type { Keyspace } from './keyspace.js';

/** An empty store beside a project's present one, to be filled and then put in charge, or discarded. One at a time. */
export interface StagedStore {
  readonly store: Store;
  /** Makes it the project's store, durably: one atomic step, which notes the move that it ends. Call it within `Keyspace.live.still`. */
  activate(done?: Migration): Promise<void>;
  /** What an error met while filling it means to the client: `insufficient_storage` where the disk is full. */
  translateError(error: unknown): Promise<unknown>;
  /** Closes it and removes its files; nothing where it is in charge. */
  discard(): Promise<void>;
}

/** A store that a project is moved to. */
export interface MigrationTarget extends StagedStore {
  /** Remembers how the move stands, durably, also after `discard`. */
  recordMigration(migration: Migration): Promise<void>;
}

/** The open keyspaces of the projects. */
export interface Keyspaces {
  /**
   * At once where it is open already. Rejects with `not_found` where there is no such project, with `unavailable`, naming the file
   * and the cure, where its data cannot be served.
   */
  of(project: string): Awaitable<Keyspace>;
  /** Makes an empty store for a new project; files of that name which lie there already are moved aside with a warning. */
  create(project: Project): Promise<void>;
  /** Stops serving a project and marks its data as deleted, durably. */
  retire(project: string): Promise<void>;
  /** Takes `retire` back. */
  restore(project: string): Promise<void>;
  /** Deletes the data of a retired project for good. */
  erase(project: string): Promise<void>;
  /** Applies settings that changed: all for which no data has to move. */
  applySettings(project: Project): Promise<void>;
  /** Whether data has to move for these settings. Rejects with `conflict` where they could be followed, but not now. */
  requiresMigration(project: Project): Promise<boolean>;
  /**
   * Makes an empty store where the project's settings want it, for the same content; the present store is kept for a while when it
   * takes charge. Rejects with `insufficient_storage` where the present data would not fit, with `unavailable` where it cannot be
   * made, with `conflict` while there is another.
   */
  stageMigration(project: Project): Promise<MigrationTarget>;
  /** Makes an empty store of the present engine, for other content; nothing is kept when it takes charge. Rejects like `prepare`. */
  stageReplacement(project: string): Promise<StagedStore>;
  /** The last moves of a project, earliest first. One that the end of a process interrupted has failed. */
  migrations(project: string): Promise<readonly Migration[]>;
  /** Goes back to the store left last, and notes the move that this undoes in the same step; `conflict` once there are newer writes. */
  revert(project: string, undone: Migration): Promise<Pick<Project['storage'], 'engine' | 'options' | 'encryption'>>;
  /** The projects whose data cannot be served now, with the reason. To ask has those tried again that could not be opened. */
  failures(): ReadonlyMap<string, string>;
}
export const Keyspaces = Symbol('Keyspaces');
