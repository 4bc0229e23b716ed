import { inject, Lifecycle, scoped } from 'tsyringe';
import { foldedId } from '../../domain/project.js';
import { ProjectStorages } from '../ports/project-storage.js';
import { Projects } from '../ports/registry/projects.js';

/** Data of projects that the registry does not have: it is not served, and seems to be gone. */
@scoped(Lifecycle.ContainerScoped)
export class UnclaimedProjects {
  #found: readonly string[] = [];

  constructor(
    @inject(Projects) private readonly projects: Pick<Projects, 'list'>,
    @inject(ProjectStorages) private readonly storages: ProjectStorages,
  ) {}

  /** Looks for records of projects that are not registered and not being deleted. */
  async find(): Promise<readonly string[]> {
    const registered = new Set(this.projects.list().map(({ id }) => foldedId(id)));
    const found: string[] = [];
    for (const id of await this.storages.list()) {
      if (!registered.has(foldedId(id)) && !(await this.#isDeleted(id))) found.push(id);
    }
    this.#found = found.sort();
    return this.#found;
  }

  /** What the last `find` found and no project has claimed since. */
  list(): readonly string[] {
    return this.#found;
  }

  /** Call it after a project was created: what was there is that project's, or was moved aside. */
  claim(project: string): void {
    this.#found = this.#found.filter((id) => foldedId(id) !== foldedId(project));
  }

  /** A record that cannot be read may be of a project that is missed. */
  async #isDeleted(id: string): Promise<boolean> {
    const storage = this.storages.of(id);
    const isThere = await storage.load().catch(() => false);
    return isThere && storage.record.deleted;
  }
}
