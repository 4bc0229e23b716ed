import type { Project } from '../../domain/project.js';
import type { Keyspace } from '../entries/keyspace.js';
import type { Awaitable } from './store.js';

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
  /** Applies settings that changed: limits and rules, not the engine. */
  refresh(project: Project): void;
  /** The projects whose data cannot be served now, with the reason. */
  failures(): ReadonlyMap<string, string>;
}
export const Keyspaces = Symbol('Keyspaces');
