import { DamagedDataError } from '../../domain/errors.js';
import type { ProjectStorage } from '../ports/project-storage.js';
import type { KeyspaceContext } from './keyspace-context.js';

/**
 * Deletes the data of projects in two steps, marking and removal: after a crash between them the next start finishes
 * it; undoes it, if several servers have the project and their registry was not changed.
 */
export class Deletion {
  readonly #context: KeyspaceContext;
  readonly #retired = new Set<string>();

  constructor(context: KeyspaceContext) {
    this.#context = context;
  }

  /** Whether the project is marked: it does not exist any more. */
  isRetired(project: string): boolean {
    return this.#retired.has(project);
  }

  /** Marks a project, through its storage if it is open, and then calls `close`. */
  async retire(project: string, open: ProjectStorage | undefined, close: () => Promise<void>): Promise<void> {
    const { log, storages } = this.#context;
    this.#retired.add(project);
    try {
      const storage = open ?? storages.of(project);
      if (open !== undefined || (await recordOf(storage)) === 'there') await storage.markDeleted();
      await close();
    } catch (error) {
      log.error({ err: error, project }, 'A project could not be marked as deleted');
      this.#retired.delete(project);
      throw error;
    }
  }

  /** Undoes `retire`. */
  async restore(project: string): Promise<void> {
    const storage = this.#context.storages.of(project);
    if ((await recordOf(storage)) === 'there') await storage.unmarkDeleted();
    this.#retired.delete(project);
  }

  /** Removes the data of a project that is marked; not if its record is missing or damaged, which alone names it. */
  async erase(project: string): Promise<void> {
    const { storages, snapshots } = this.#context;
    const storage = storages.of(project);
    const record = await recordOf(storage);
    if (record === 'there') await storage.removeData();
    await snapshots.removeAll(project);
    if (record !== 'missing') await storage.removeRecord();
    this.#retired.delete(project);
  }

  /** Call it when a new project has that name. */
  forget(project: string): void {
    this.#retired.delete(project);
  }

  /** Finishes, at the start, what a crash interrupted. */
  async finishAll(): Promise<void> {
    for (const project of await this.#context.storages.listDeleted()) await this.finish(project);
  }

  /** Finishes the deletion of one project, if it is marked; a failure is logged. */
  async finish(project: string): Promise<void> {
    const { log, leases, projects, storages } = this.#context;
    try {
      const storage = storages.of(project);
      if (!(await storage.load()) || !storage.record.deleted) return;
      // The other servers have it: the registry does not know of the deletion.
      if (leases.isShared && projects.get(project) !== undefined) return await storage.unmarkDeleted();
      this.#retired.add(project);
      if (projects.get(project) !== undefined) await projects.remove(project);
      await this.erase(project);
    } catch (error) {
      log.error({ project }, (error as Error).message);
    }
  }
}

/** Reads the record of a project. */
async function recordOf(storage: ProjectStorage): Promise<'there' | 'missing' | 'damaged'> {
  try {
    return (await storage.load()) ? 'there' : 'missing';
  } catch (error) {
    if (error instanceof DamagedDataError) return 'damaged';
    throw error;
  }
}
