import type { Keyspace } from '../entries/keyspace.js';
import type { Awaitable } from './store.js';

/** The open keyspaces of the projects. */
export interface Keyspaces {
  /** At once where it is open already. Rejects with `unavailable`, naming the file and the cure, where it cannot be opened. */
  of(project: string): Awaitable<Keyspace>;
  /** Makes the files of a new project; files of the same name that lie there already are moved aside with a warning. */
  create(project: string): Promise<void>;
  /** Closes the project and deletes its data for good. */
  destroy(project: string): Promise<void>;
  /** The projects whose data cannot be served, with the reason. */
  failures(): ReadonlyMap<string, string>;
}
export const Keyspaces = Symbol('Keyspaces');
