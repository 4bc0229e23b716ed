import { sweepExpired } from '../keyspace/sweep-expired.js';
import type { ProjectStorage } from '../ports/project-storage.js';
import { storageSettings } from '../projects/storage-settings.js';
import type { KeyspaceContext } from './keyspace-context.js';
import type { OpenKeyspace } from './open-keyspace.js';

/** How often a sweep runs, in ms. */
const INTERVAL = 500;

/** Removes expired entries of open projects, and stores that were kept for a while after a migration. */
export class Sweeper {
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: Pick<KeyspaceContext, 'clock' | 'log' | 'leases' | 'projects'>,
    private readonly open: ReadonlyMap<string, OpenKeyspace>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#sweepAll(), INTERVAL).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when the running sweeps have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #sweepAll(): void {
    for (const [project, { keyspace, storage }] of this.open) {
      const maintains = this.context.leases.maintains(project);
      // By itself: what removes entries waits for the fence that this takes away.
      this.#unlessRunning('a move that was interrupted stays', project, () =>
        this.#undoInterrupted(storage, maintains),
      );
      this.#unlessRunning('expired entries stay', project, async () => {
        if (maintains) await sweepExpired(keyspace);
        await storage.removeExpired(this.context.clock.now(), maintains);
      });
    }
  }

  /** Runs a task of a project, unless the one before is still running; `failure` is logged if it rejects. */
  #unlessRunning(failure: string, project: string, task: () => Promise<void>): void {
    const name = `${project} ${failure}`;
    if (this.#running.has(name)) return;
    const running = task()
      .catch((error: unknown) => this.context.log.warn({ project }, `${failure}: ${(error as Error).message}`))
      .finally(() => this.#running.delete(name));
    this.#running.set(name, running);
  }

  /** Undoes a move of a server that ended in the middle of it, also in the settings. */
  async #undoInterrupted(storage: ProjectStorage, maintains: boolean): Promise<void> {
    const { clock, log, projects } = this.context;
    const { project } = storage;
    if (!(await storage.undoInterrupted(clock.now(), maintains))) return;
    await projects.update(project, storageSettings(storage.record.configured));
    log.warn({ project }, 'a server ended while it moved or replaced the data; the data stays where it is');
  }
}
