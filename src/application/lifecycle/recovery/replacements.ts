import { AppError, DamagedDataError } from '../../../domain/errors.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { KeyspaceContext } from '../keyspace-context.js';
import { OpenKeyspace } from '../open-keyspace.js';
import { reopenAfterFailure } from './recovery.js';

/** What replacements need of the open projects. */
export interface OpenProjects {
  open(project: string): OpenKeyspace | undefined;
  /** Opens a project; calls `whenDamaged`, before it rejects, if its data is damaged. */
  tryOpen(project: string, whenDamaged: (damage: DamagedDataError) => Promise<void>): Promise<Keyspace>;
  /** Whether the project is not needed any more. */
  isGone(project: string): boolean;
  serve(project: string, open: OpenKeyspace): void;
  /** Called with the first commit whose outcome is unknown. */
  recover(project: string, error: unknown): void;
  failed(project: string, reason: string): void;
}

/** Attempts to open a failed store again. */
interface Recovery {
  readonly open: OpenKeyspace;
  readonly ended: Promise<void>;
}

/** The projects whose store failed or is damaged, until they are opened again or their content is replaced. */
export class Replacements {
  readonly #recovering = new Map<string, Recovery>();
  /** Until these have ended, nothing else may open the project. */
  readonly #running = new Map<string, OpenKeyspace>();

  constructor(
    private readonly context: KeyspaceContext,
    private readonly projects: OpenProjects,
  ) {}

  /** The keyspace of a project whose damaged data is being replaced. */
  running(project: string): OpenKeyspace | undefined {
    return this.#running.get(project);
  }

  all(): readonly OpenKeyspace[] {
    return [...this.#running.values()];
  }

  /** Closes a failed store and opens it again as soon as that can be done. */
  reopen(project: string, open: OpenKeyspace): void {
    const ended = reopenAfterFailure(open, {
      isCancelled: () => this.projects.isGone(project) || this.#running.has(project),
      failed: (reason) => this.projects.failed(project, reason),
      opened: () => this.projects.serve(project, open),
      abortProcess: this.context.abortProcess,
    }).finally(() => this.#recovering.delete(project));
    this.#recovering.set(project, { open, ended });
  }

  /**
   * Returns undefined if the project can be opened and, if its data is damaged, a keyspace that refuses everything
   * until it is replaced; call `run` with it. Call it while the project is not being opened. Rejects with `conflict`
   * while another replacement runs.
   */
  async begin(project: string): Promise<OpenKeyspace | undefined> {
    if (this.#running.has(project)) {
      throw new AppError('conflict', `Project '${project}' is being restored or replaced already; try again later`);
    }
    if (this.projects.open(project) !== undefined || this.projects.isGone(project)) return undefined;
    const recovery = this.#recovering.get(project);
    return recovery === undefined ? this.#openDamaged(project) : this.#pause(project, recovery);
  }

  /** Runs a task that replaces the content, and serves the keyspace if it did. */
  async run<T>(damaged: OpenKeyspace, task: (keyspace: Keyspace) => Promise<T>): Promise<T> {
    const { project } = damaged.keyspace;
    try {
      return await task(damaged.keyspace);
    } finally {
      this.#running.delete(project);
      if (this.projects.isGone(project)) await damaged.keyspace.close();
      else if (!damaged.isDamaged) this.projects.serve(project, damaged);
      else if (damaged.wasOpen) this.reopen(project, damaged);
    }
  }

  async #openDamaged(id: string): Promise<OpenKeyspace | undefined> {
    const project = this.context.projects.get(id);
    if (project === undefined) return undefined;
    const onFailure = (error: unknown) => this.projects.recover(id, error);
    let damaged: OpenKeyspace | undefined;
    const opening = this.projects.tryOpen(id, async (damage) => {
      const storage = this.context.storages.of(id);
      damaged = await OpenKeyspace.loadDamaged(project, storage, this.context, onFailure, damage);
      this.#running.set(id, damaged);
    });
    await opening.catch((error: unknown) => {
      if (damaged === undefined) throw error;
    });
    return damaged;
  }

  /** Ends a recovery, which goes on if the data is not replaced. */
  async #pause(project: string, { open, ended }: Recovery): Promise<OpenKeyspace | undefined> {
    this.#running.set(project, open);
    try {
      await ended;
      if (this.projects.open(project) === undefined) {
        await open.keyspace.swappable.quiesce(() => open.reopen(() => this.projects.serve(project, open)));
      }
    } catch (error) {
      if (error instanceof DamagedDataError) {
        open.refuseUntilReplaced(error);
        return open;
      }
      this.#running.delete(project);
      this.reopen(project, open);
      throw error;
    }
    this.#running.delete(project);
    return undefined;
  }
}
