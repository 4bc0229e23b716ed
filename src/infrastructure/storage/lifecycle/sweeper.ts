import { sweepExpired } from '../../../application/keyspace/sweep-expired.js';
import type { KeyspaceContext } from './keyspace-context.js';
import type { OpenKeyspace } from './open-keyspace.js';

/** How often it is done, in ms. */
const EVERY = 500;

/** Removes what has expired from open projects: entries, and generations of files that were kept for a while. */
export class Sweeper {
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: Pick<KeyspaceContext, 'clock' | 'log'>,
    private readonly open: ReadonlyMap<string, OpenKeyspace>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#sweep(), EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when what runs now has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #sweep(): void {
    const { clock, log } = this.context;
    for (const [project, { keyspace, storage }] of this.open) {
      if (this.#running.has(project)) continue;
      const sweep = sweepExpired(keyspace)
        .then(() => storage.removeExpiredGenerations(clock.now()))
        .catch((error: unknown) => log.warn({ project }, `expired entries stay: ${(error as Error).message}`))
        .finally(() => this.#running.delete(project));
      this.#running.set(project, sweep);
    }
  }
}
