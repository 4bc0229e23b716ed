import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { hasVisibleKeys } from '../access/authorize.js';

/** A migration as its project's administrators see it: without counts if the project hides its keys. */
export interface MigrationView extends Omit<Migration, 'copied' | 'total'> {
  readonly copied: number | undefined;
  readonly total: number | undefined;
}

export function migrationView(migration: Migration, project: Project | undefined): MigrationView {
  return hasVisibleKeys(project) ? migration : { ...migration, copied: undefined, total: undefined };
}
