import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Migration } from '../../domain/migration.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Redaction } from '../inbound/redaction.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';
import { type MigrationView, migrationView } from './migration-view.js';

/** Shows the migrations of a project. */
@injectable()
export class ViewMigrations {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
    @inject(Redaction) private readonly redaction: Redaction,
  ) {}

  /** Earliest first. */
  async list(caller: Identity, project: string): Promise<readonly MigrationView[]> {
    requireAccess(caller, rules.admin, project);
    const { id } = requireProject(this.projects, project);
    return (await this.migrations.of(id)).map((migration) => this.#view(caller, id, migration));
  }

  /** Rejects with `not_found` if no migration has that id. */
  async get(caller: Identity, project: string, migration: string): Promise<MigrationView> {
    requireAccess(caller, rules.admin, project);
    const { id } = requireProject(this.projects, project);
    return this.#view(caller, id, await this.migrations.get(id, migration));
  }

  #view(caller: Identity, project: string, migration: Migration): MigrationView {
    const view = migrationView(migration, this.projects.get(project));
    return view.error === undefined ? view : { ...view, error: this.redaction.textFor(view.error, caller) };
  }
}
