import type { NewKey } from '../../../domain/api-key.js';
import type { Project } from '../../../domain/project.js';

/**
 * The projects and their settings. A change is on disk before it takes effect and before it returns; one that cannot be saved
 * rejects with `insufficient_storage` or `unavailable` and changes nothing. Settings that do not hold reject with `invalid`,
 * every mistake named with its path.
 */
export interface Projects {
  /** From memory; undefined where there is none. */
  get(id: string): Project | undefined;
  list(): readonly Project[];
  /** Rejects with `invalid` where the id is taken. `primary` is the hashed key that goes with it. */
  create(id: string, settings: unknown, primary: NewKey | undefined): Promise<Project>;
  /**
   * Merges the members given, deep, into the project's own. Options of an engine, lists and schemas are replaced as a whole, and
   * another engine starts without the options of the last; null removes `limits`, `cors`, a member of them, `storage.options` or `storage.encryption`.
   */
  update(id: string, changes: unknown): Promise<Project>;
  /** What the project would become with these changes. Writes nothing. */
  preview(id: string, changes: unknown): Promise<Project>;
  remove(id: string): Promise<void>;
  /** What `settings` would become with every default filled in, or `invalid`. Writes nothing. */
  check(id: string, settings: unknown): Promise<Project>;
}
export const Projects = Symbol('Projects');
