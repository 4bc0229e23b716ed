import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { foldedId } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';
import { SnapshotStorage } from '../ports/registry/snapshot-storage.js';
import { ProjectMutex } from '../project-mutex.js';

/** Deletes a project: its settings, its keys and its data. */
@injectable()
export class DeleteProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Migrations) private readonly migrations: Migrations,
    @inject(SnapshotStorage) private readonly snapshots: Pick<SnapshotStorage, 'list'>,
    @inject(ProjectMutex) private readonly mutex: ProjectMutex,
  ) {}

  /**
   * Rejects with `conflict`, unless `force` is set, if the data cannot be served and there are snapshots that could be
   * restored: they are deleted with the project.
   */
  async execute(caller: Identity, id: string, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    requireAccess(caller, rules.system, id);
    await this.mutex.run([foldedId(id)], async () => {
      requireProject(this.projects, id);
      if (!force) await this.#requireServed(id);
      await this.#delete(id);
    });
  }

  async #requireServed(id: string): Promise<void> {
    try {
      await this.keyspaces.of(id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { length } = await this.snapshots.list(id);
      if (length === 0) return;
      const what = length === 1 ? 'a snapshot' : `${length} snapshots`;
      const message =
        `Project '${id}' cannot be read, and ${what} of it would be deleted, too: ` +
        'restore one, or delete the project with force=true';
      throw new AppError('conflict', message, { cause: error });
    }
  }

  /**
   * Marks the data, removes the settings, erases the data. After a crash between two steps the deletion is undone or
   * finished.
   */
  async #delete(id: string): Promise<void> {
    await this.migrations.cancel(id);
    await this.keyspaces.retire(id);
    try {
      await this.projects.remove(id);
    } catch (error) {
      await this.keyspaces.restore(id);
      throw error;
    }
    await this.keyspaces.erase(id);
  }
}
