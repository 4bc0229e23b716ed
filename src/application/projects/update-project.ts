import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Project } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Migrations } from '../migrations/migrations.js';
import { Ciphers } from '../ports/cipher.js';
import { Projects } from '../ports/registry/projects.js';
import { type MigrationView, migrationView } from './migration-view.js';
import { requireEncryptionKeys } from './require-encryption-keys.js';
import { requireOwnSettings } from './restricted-settings.js';
import { SeparateSettingError } from './separate-setting-error.js';
import { storageSettings } from './storage-settings.js';

/** Changes a project's settings. If its data must move, a migration runs in the background. */
@injectable()
export class UpdateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(Migrations) private readonly migrations: Migrations,
  ) {}

  /** Returns the migration that was started, undefined if the data stays where it is. */
  async execute(
    caller: Identity,
    id: string,
    changes: Readonly<Record<string, unknown>>,
  ): Promise<MigrationView | undefined> {
    requireAccess(caller, rules.admin, id);
    requireChangeable(changes);
    requireOwnSettings(caller, changes, this.projects);
    const before = requireProject(this.projects, id);
    const after = await this.projects.preview(id, changes);
    if (keysOf(before) !== keysOf(after)) await requireEncryptionKeys(this.ciphers, after);
    const save = async () => {
      const updated = await this.projects.update(id, changes);
      await this.keyspaces.applySettings(this.projects.get(id) ?? updated); // The latest, if another change followed.
    };
    if (!(await this.#requiresMigration(before, after))) {
      await save();
      return undefined;
    }
    const undo = async () => void (await this.projects.update(id, storageSettings(before.storage)));
    return migrationView(await this.migrations.start(before, after, save, undo), this.projects.get(id));
  }

  async #requiresMigration(before: Project, after: Project): Promise<boolean> {
    if (specOf(before) === specOf(after)) return false;
    this.migrations.requireNone(after.id);
    return (await this.keyspaces.of(after.id)).staging.requiresMigration(after);
  }
}

/** Throws `SeparateSettingError` for members that do not change with the others. */
function requireChangeable(changes: Readonly<Record<string, unknown>>): void {
  for (const setting of ['id', 'authentication'] as const) {
    if (Object.hasOwn(changes, setting)) throw new SeparateSettingError(setting);
  }
}

function keysOf({ storage: { encryption } }: Project): string | undefined {
  return JSON.stringify(encryption);
}

/** The settings that say where and how the data is kept. */
function specOf({ storage: { engine, options, encryption } }: Project): string {
  return JSON.stringify({ engine, options, encryption });
}
