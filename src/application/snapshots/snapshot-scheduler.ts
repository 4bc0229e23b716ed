import { inject, Lifecycle, scoped } from 'tsyringe';
import { SERVER_IDENTITY } from '../../domain/api-key.js';
import { durationOf } from '../../domain/duration.js';
import { Clock } from '../ports/clock.js';
import { Logger } from '../ports/logger.js';
import { Leases } from '../ports/registry/leases.js';
import { Projects } from '../ports/registry/projects.js';
import { Snapshots } from './snapshots.js';

/** How often the scheduler checks for due snapshots, and how soon it retries a failed one, in ms. */
const CHECK_INTERVAL = 1000;
const RETRY_DELAY = 60_000;

/**
 * Takes the snapshots that the projects' settings ask for. One that was missed while the server was down is taken at
 * its start.
 */
@scoped(Lifecycle.ContainerScoped)
export class SnapshotScheduler {
  /** When the next snapshot of each project is due. */
  readonly #due = new Map<string, { readonly at: number; readonly every: number }>();
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;

  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Snapshots) private readonly snapshots: Snapshots,
    @inject(Leases) private readonly leases: Leases,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly log: Logger,
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#checking ??= this.takeDue().finally(() => {
        this.#checking = undefined;
      });
    }, CHECK_INTERVAL);
    this.#timer.unref();
  }

  /** Begins no more snapshots. One that is being taken fails when its store is closed. */
  stop(): void {
    clearInterval(this.#timer);
    this.#stopped = true;
  }

  /** Resolves when no snapshot is being taken. */
  async idle(): Promise<void> {
    await this.#checking;
  }

  /** Takes the snapshots that are due now. */
  async takeDue(): Promise<void> {
    for (const { id, storage } of this.projects.list()) {
      if (this.#stopped) return;
      const every = durationOf(storage.snapshots?.every ?? '');
      const isDue = every !== undefined && this.leases.maintains(id);
      if (storage.snapshots === undefined || !isDue) this.#due.delete(id);
      else await this.#takeIfDue(id, every, storage.snapshots.keep);
    }
  }

  async #takeIfDue(project: string, every: number, keep: number): Promise<void> {
    try {
      const now = this.clock.now();
      const known = this.#due.get(project);
      const due = known?.every === every ? known.at : await this.#afterLast(project, every);
      if (now < due && due <= now + every) {
        this.#due.set(project, { at: due, every });
        return;
      }
      this.#due.set(project, { at: now + Math.min(every, RETRY_DELAY), every });
      await this.snapshots.create(SERVER_IDENTITY, project, 'routine');
      this.#due.set(project, { at: now + every, every });
      await this.#prune(project, keep);
    } catch (error) {
      if (!this.#stopped)
        this.log.error({ err: error, project }, 'a snapshot could not be taken; it will be tried again');
    }
  }

  async #afterLast(project: string, every: number): Promise<number> {
    const last = (await this.#routine(project)).at(-1);
    return last === undefined ? Number.NEGATIVE_INFINITY : last.createdAt + every;
  }

  async #prune(project: string, keep: number): Promise<void> {
    for (const { id } of (await this.#routine(project)).slice(0, -keep))
      await this.snapshots.delete(SERVER_IDENTITY, project, id);
  }

  async #routine(project: string) {
    return (await this.snapshots.list(SERVER_IDENTITY, project)).filter(({ reason }) => reason === 'routine');
  }
}
