import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import type { Awaitable } from '../awaitable.js';
import type { Durability } from '../ports/project-storage.js';
import type { Keyspace } from './keyspace.js';

/** The keyspaces of all projects, opened on demand. */
export interface Keyspaces {
  /**
   * Synchronous if the project is open. Rejects with `not_found` if it does not exist, with `unavailable`, naming the
   * place of its data and the cure, if that cannot be served.
   */
  of(project: string): Awaitable<Keyspace>;
  /**
   * Runs a task that replaces all entries of a project. Like `of`, but data that is damaged or missing is no hindrance:
   * the keyspace then refuses everything with the reason until its store is replaced, and is served afterwards.
   * Rejects with `conflict` while another task does so.
   */
  replace<T>(project: string, task: (keyspace: Keyspace) => Promise<T>): Promise<T>;
  /**
   * Creates an empty store for a new project, or takes over the existing data if it is to be adopted. Rejects with
   * `conflict`, and changes nothing, if data exists under the id and is not to be adopted, or cannot be.
   */
  create(project: Project, adopt?: boolean): Promise<void>;
  /** Stops serving a project and marks its data as deleted, durably. */
  retire(project: string): Promise<void>;
  /** Undoes `retire`. */
  restore(project: string): Promise<void>;
  /** Deletes the data of a retired project for good. */
  erase(project: string): Promise<void>;
  /** Applies changed settings that need no migration to an open project. */
  applySettings(project: Project): Promise<void>;
  /** The last migrations of a project, earliest first. One that was interrupted by the end of a process has failed. */
  migrations(project: string): Promise<readonly Migration[]>;
  /** How safe commits of a project are where its data is now. Never rejects. */
  durability(project: string): Promise<Durability>;
  /** Settings of servers that are unsafe, by project, as last known; only projects that have some. */
  warnings(): ReadonlyMap<string, readonly string[]>;
  /** The projects whose data cannot be served now, with the reason. A call starts another attempt to open them. */
  failures(): ReadonlyMap<string, string>;
}
export const Keyspaces = Symbol('Keyspaces');
