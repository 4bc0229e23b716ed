import { sweepExpired } from '../../application/entries/sweep-expired.js';
import type { KeyspaceContext } from './keyspace-context.js';
import type { OpenProject } from './open-project.js';

/** How often it is done, in ms. */
const EVERY = 500;

/** Removes what has expired from open projects: entries, and generations of files that were kept for a while. */
export class Sweeps {
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: Pick<KeyspaceContext, 'clock' | 'log'>,
    private readonly open: ReadonlyMap<string, OpenProject>,
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
    for (const [project, { keyspace, placed }] of this.open) {
      if (this.#running.has(project)) continue;
      const sweep = sweepExpired(keyspace)
        .then(() => placed.expireKept(clock.now()))
        .catch((error: unknown) => log.warn({ project }, `expired entries stay: ${(error as Error).message}`))
        .finally(() => this.#running.delete(project));
      this.#running.set(project, sweep);
    }
  }
}
