import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';
import { type MigrationView, migrationView } from './migration-view.js';

/** Encrypts all values of a project again, with the current key, by a migration to the same place. */
@injectable()
export class RotateEncryptionKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
  ) {}

  /** Returns the migration. Rejects with `conflict` if the project is not encrypted or is being migrated. */
  async execute(caller: Identity, id: string): Promise<MigrationView> {
    requireAccess(caller, rules.system, id);
    const project = requireProject(this.projects, id);
    if (project.storage.encryption === undefined) {
      throw new AppError('conflict', `Project '${id}' is not encrypted: set storage.encryption first`);
    }
    const nothing = async () => undefined;
    const migration = await this.migrations.start(project, project, nothing, nothing);
    return migrationView(migration, project);
  }
}
