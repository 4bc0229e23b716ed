import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import type { Awaitable } from '../awaitable.js';
import type { Keyspace } from './keyspace.js';

/** The keyspaces of the projects, open or to be opened. */
export interface Keyspaces {
  /**
   * Synchronous if it is open. Rejects with `not_found` if there is no such project, with `unavailable`, naming the
   * place of its data and the cure, if that cannot be served.
   */
  of(project: string): Awaitable<Keyspace>;
  /** Makes an empty store for a new project; data of that name that exists already is moved aside with a warning. */
  create(project: Project): Promise<void>;
  /** Stops serving a project and marks its data as deleted, durably. */
  retire(project: string): Promise<void>;
  /** Undoes `retire`. */
  restore(project: string): Promise<void>;
  /** Deletes the data of a retired project for good. */
  erase(project: string): Promise<void>;
  /** Applies settings that changed to a project that is open: all for which no data has to move. */
  applySettings(project: Project): Promise<void>;
  /** The last migrations of a project, earliest first. One that the end of a process interrupted has failed. */
  migrations(project: string): Promise<readonly Migration[]>;
  /**
   * The projects whose data cannot be served now, with the reason. Asking has those tried again that could not be
   * opened.
   */
  failures(): ReadonlyMap<string, string>;
}
export const Keyspaces = Symbol('Keyspaces');
