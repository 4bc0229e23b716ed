import { removeSnapshots } from './folder-snapshots.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { PlacedStore } from './placed-store.js';
import { placedProjects, removePlacement } from './placement.js';

/** Where a project's data is, not looked at yet. */
export function placedIn({ folder, ciphers, log }: KeyspaceContext, project: string): PlacedStore {
  return new PlacedStore(project, folder, ciphers, log);
}

/** Deletes projects' data in two steps, so that a crash between them takes neither back: it is marked, then it goes. */
export class Deletions {
  readonly #context: KeyspaceContext;
  readonly #retired = new Set<string>();

  constructor(context: KeyspaceContext) {
    this.#context = context;
  }

  /** Whether it is marked: there is no such project any more. */
  retired(project: string): boolean {
    return this.#retired.has(project);
  }

  /** Marks a project, with its place where that is open, and then lets `close` it. */
  async retire(project: string, open: PlacedStore | undefined, close: () => Promise<void>): Promise<void> {
    const { folder, log } = this.#context;
    this.#retired.add(project);
    try {
      const placed = open ?? placedIn(this.#context, project);
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
    const placed = placedIn(this.#context, project);
    if (await placed.find()) await placed.change({ deleted: false });
    this.#retired.delete(project);
  }

  /** Removes the data of a project that is marked. */
  async erase(project: string): Promise<void> {
    const { folder } = this.#context;
    const placed = placedIn(this.#context, project);
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
      const placed = placedIn(this.#context, project);
      if (!(await placed.find()) || !placed.placement.deleted) return;
      this.#retired.add(project);
      if (projects.get(project) !== undefined) await projects.remove(project);
      await this.erase(project);
    } catch (error) {
      log.error({ project }, (error as Error).message);
    }
  }
}
