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

  /** Rejects with `conflict` after the first write that followed the migration. */
  async execute(caller: Identity, id: string, migration: string): Promise<MigrationView> {
    requireAccess(caller, rules.admin, id);
    requireProject(this.projects, id);
    await this.projects.update(id, storageSettings(await this.migrations.rollBack(id, migration)));
    return migrationView(await this.migrations.get(id, migration), this.projects.get(id));
  }
}
