import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { foldedId } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';
import { ProjectMutex } from '../project-mutex.js';

/** Deletes a project: its settings, its keys and its data. */
@injectable()
export class DeleteProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Migrations) private readonly migrations: Migrations,
    @inject(ProjectMutex) private readonly mutex: ProjectMutex,
  ) {}

  async execute(caller: Identity, id: string): Promise<void> {
    requireAccess(caller, rules.system, id);
    await this.mutex.run([foldedId(id)], () => this.#delete(id));
  }

  /**
   * Marks the data, removes the settings, erases the data. After a crash between two steps the deletion is undone or
   * finished.
   */
  async #delete(id: string): Promise<void> {
    requireProject(this.projects, id);
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
