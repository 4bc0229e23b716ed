import type { NewKey } from '../../../domain/api-key.js';
import type { Project } from '../../../domain/project.js';

/**
 * The projects and their settings. A change is on disk before it takes effect and before it returns; one that cannot be
 * saved rejects with `insufficient_storage` or `unavailable` and changes nothing. Wrong settings reject with `invalid`,
 * naming every mistake with its path.
 */
export interface Projects {
  /** From memory; undefined if it does not exist. */
  get(id: string): Project | undefined;
  list(): readonly Project[];
  /** Rejects with `invalid` if the id is taken, `conflict` if one differs only in case. `primary` is the hashed key. */
  create(id: string, settings: unknown, primary: NewKey | undefined): Promise<Project>;
  /**
   * Merges the given members deeply into the project's own. Options of an engine, lists and schemas are replaced as a
   * whole, and another engine starts without the options of the last one. Null removes `limits`, `cors`, a member of
   * them, `dialects`, `storage.options` or `storage.encryption`.
   */
  update(id: string, changes: unknown): Promise<Project>;
  /** The project as it would be with these changes. Writes nothing. */
  preview(id: string, changes: unknown): Promise<Project>;
  remove(id: string): Promise<void>;
  /** The project that `settings` describe, with every default filled in. Rejects with `invalid`. Writes nothing. */
  check(id: string, settings: unknown): Promise<Project>;
}
export const Projects = Symbol('Projects');
