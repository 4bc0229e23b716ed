import { LocalProjectStorage } from '../placement/local-project-storage.js';
import { placedProjects, removePlacement } from '../placement/placement.js';
import { removeSnapshots } from '../snapshots/file-snapshots.js';
import type { KeyspaceContext } from './keyspace-context.js';

/** Where a project's data is, not looked at yet. */
export function projectStorage({ folder, ciphers, log }: KeyspaceContext, project: string): LocalProjectStorage {
  return new LocalProjectStorage(project, folder, ciphers, log);
}

/** Deletes projects' data in two steps, so that a crash between them takes neither back: it is marked, then it goes. */
export class Deletion {
  readonly #context: KeyspaceContext;
  readonly #retired = new Set<string>();

  constructor(context: KeyspaceContext) {
    this.#context = context;
  }

  /** Whether it is marked: there is no such project any more. */
  isRetired(project: string): boolean {
    return this.#retired.has(project);
  }

  /** Marks a project, with its place where that is open, and then lets `close` it. */
  async retire(project: string, open: LocalProjectStorage | undefined, close: () => Promise<void>): Promise<void> {
    const { folder, log } = this.#context;
    this.#retired.add(project);
    try {
      const placed = open ?? projectStorage(this.#context, project);
      if (open !== undefined || (await placed.find())) await placed.abandon();
      await close();
    } catch (error) {
      log.error({ err: error, project, folder }, 'A project could not be marked as deleted');
      this.#retired.delete(project);
      throw error;
    }
  }

  /** Takes `retire` back. */
  async restore(project: string): Promise<void> {
    const placed = projectStorage(this.#context, project);
    if (await placed.find()) await placed.change({ deleted: false });
    this.#retired.delete(project);
  }

  /** Removes the data of a project that is marked. */
  async erase(project: string): Promise<void> {
    const { folder } = this.#context;
    const placed = projectStorage(this.#context, project);
    if (await placed.find()) {
      await placed.removeFiles();
      await removeSnapshots(folder, project);
      await removePlacement(folder, project);
    }
    this.#retired.delete(project);
  }

  /** There is a new project of that name. */
  forget(project: string): void {
    this.#retired.delete(project);
  }

  /** Finishes, at the start, what a crash interrupted. */
  async finish(): Promise<void> {
    for (const project of await placedProjects(this.#context.folder)) await this.#finish(project);
  }

  async #finish(project: string): Promise<void> {
    const { log, projects } = this.#context;
    try {
      const placed = projectStorage(this.#context, project);
      if (!(await placed.find()) || !placed.placement.deleted) return;
      this.#retired.add(project);
      if (projects.get(project) !== undefined) await projects.remove(project);
      await this.erase(project);
    } catch (error) {
      log.error({ project }, (error as Error).message);
    }
  }
}
