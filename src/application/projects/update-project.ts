import { inject, injectable } from 'tsyringe';
import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { requireProject } from '../access/require-project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Migrations } from '../migrations/migrations.js';
import { Ciphers } from '../ports/cipher.js';
import type { StorageSpec } from '../ports/project-storage.js';
import { Projects } from '../ports/registry/projects.js';
import { requireEncryptionKeys } from './require-encryption-keys.js';

/** Changes a project's settings; where its data must move for that, the move goes on in the background. */
@injectable()
export class UpdateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(Migrations) private readonly migrations: Migrations,
  ) {}

  /** The move that was started, undefined where the data stays where it is. */
  async execute(id: string, changes: unknown): Promise<Migration | undefined> {
    const before = requireProject(this.projects, id);
    const after = await this.projects.preview(id, changes);
    if (keysOf(before) !== keysOf(after)) await requireEncryptionKeys(this.ciphers, after);
    const save = async () => this.keyspaces.applySettings(await this.projects.update(id, changes));
    if (placeOf(before) === placeOf(after)) {
      await save();
      return undefined;
    }
    this.migrations.requireNone(id);
    if (!(await (await this.keyspaces.of(id)).staging.requiresMigration(after))) {
      await save();
      return undefined;
    }
    return this.migrations.start(before, after, save, () => this.#setStorage(id, before.storage));
  }

  /** Undoes a move that was just done; `conflict` once there are newer writes. */
  async rollBack(id: string, migration: string): Promise<Migration> {
    requireProject(this.projects, id);
    await this.#setStorage(id, await this.migrations.rollBack(id, migration));
    return this.migrations.get(id, migration);
  }

  async #setStorage(id: string, { engine, options, encryption }: StorageSpec): Promise<void> {
    const storage = { engine, options: options ?? null, encryption: encryption ?? null };
    await this.projects.update(id, { storage });
  }
}

function keysOf({ storage: { encryption } }: Project): string | undefined {
  return JSON.stringify(encryption);
}

/** What of the settings says where the data is. */
function placeOf({ storage: { engine, options, encryption } }: Project): string {
  return JSON.stringify({ engine, options, encryption });
}
