import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';
import { type MigrationView, migrationView } from './migration-view.js';
import { storageSettings } from './storage-settings.js';

/** Undoes the last migration. */
@injectable()
export class RollBackMigration {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
  ) {}

  /**
   * Rejects with `conflict` after the first write that followed the migration. If the data is damaged, such writes are
   * given up, and `kept` has the names of its files in the data folder, which are put aside.
   */
  async execute(
    caller: Identity,
    id: string,
    migration: string,
  ): Promise<{ readonly migration: MigrationView; readonly kept: readonly string[] }> {
    requireAccess(caller, rules.admin, id);
    requireProject(this.projects, id);
    const { storage, kept } = await this.migrations.rollBack(id, migration);
    await this.projects.update(id, storageSettings(storage));
    return { migration: migrationView(await this.migrations.get(id, migration), this.projects.get(id)), kept };
  }
}
