import { inject, Lifecycle, scoped } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import { type Migration, withMigration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import type { MigrationTarget, Reverted } from '../keyspace/staged-store.js';
import { Clock } from '../ports/clock.js';
import { EntryHash } from '../ports/digest.js';
import { Logger } from '../ports/logger.js';
import { MigrationRun } from './migration-run.js';
import { MigrationRunningError } from './migration-running-error.js';

interface Running {
  readonly run: MigrationRun;
  readonly abort: AbortController;
  ended: Promise<void>;
}

/** The migrations of all projects, running and recorded. */
@scoped(Lifecycle.ContainerScoped)
export class Migrations {
  /** By project. A failed one stays here if its end could not be recorded. */
  readonly #running = new Map<string, Running>();

  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(EntryHash) private readonly hash: EntryHash,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly log: Logger,
  ) {}

  /** Earliest first. */
  async of(project: string): Promise<readonly Migration[]> {
    // Before the records are read, because the end of a migration may be recorded meanwhile.
    const running = this.#running.get(project)?.run;
    const all = await this.keyspaces.migrations(project);
    return running === undefined ? all : withMigration(all, running.record);
  }

  /** Rejects with `not_found` if no migration has that id. */
  async get(project: string, id: string): Promise<Migration> {
    const found = (await this.of(project)).find((migration) => migration.id === id);
    if (found === undefined) throw new AppError('not_found', `Migration '${id}' of project '${project}' not found`);
    return found;
  }

  /** Throws `conflict`, naming the running migration, if there is one. */
  requireNone(project: string): void {
    const running = this.#running.get(project)?.run.record;
    if (running?.state !== 'copying') return;
    throw new MigrationRunningError(project, running.id);
  }

  /**
   * Stages the target, calls `accept` to save the settings, and copies in the background; `undo` restores the settings.
   */
  async start(
    before: Project,
    after: Project,
    accept: () => Promise<void>,
    undo: () => Promise<void>,
  ): Promise<Migration> {
    const project = before.id;
    this.requireNone(project);
    const run = new MigrationRun(before.storage.engine, after.storage.engine, this.clock, this.hash);
    const running: Running = { run, abort: new AbortController(), ended: Promise.resolve() };
    this.#running.set(project, running);
    let next: MigrationTarget | undefined;
    let accepted = false;
    try {
      next = await (await this.keyspaces.of(project)).staging.stageMigration(after);
      await accept();
      accepted = true;
      await next.recordMigration(run.record);
    } catch (error) {
      this.#running.delete(project);
      const discarded = await next?.discard();
      if (accepted && discarded === 'removed') await undo();
      throw error;
    }
    running.ended = this.#run(project, running, next, undo);
    return run.record;
  }

  /**
   * Makes the store before the migration current again. Rejects with `conflict` unless it is the last one done and
   * nothing was written since, or the data is damaged.
   */
  async rollBack(project: string, id: string): Promise<Reverted> {
    const migration = await this.get(project, id);
    this.requireNone(project);
    const last = (await this.of(project)).findLast(({ state }) => state === 'done');
    if (migration.id !== last?.id || last.rolledBack) {
      throw new AppError('conflict', 'Only the last migration that is done can be rolled back, and only once');
    }
    return this.keyspaces.replace(project, ({ staging }) => staging.revert({ ...last, rolledBack: true }));
  }

  /**
   * Stops the migration of a project, or all of them, and waits for the cleanup. The settings stay: the next start
   * migrates.
   */
  async cancel(project?: string): Promise<void> {
    const running = [...this.#running].filter(([id]) => project === undefined || id === project);
    for (const [, { abort }] of running) abort.abort(new Error('The server was stopped before the switch'));
    await Promise.all(running.map(([, { ended }]) => ended));
    for (const [id] of running) this.#running.delete(id);
  }

  async #run(
    project: string,
    { run, abort: { signal } }: Running,
    next: MigrationTarget,
    undo: () => Promise<void>,
  ): Promise<void> {
    const { from, to } = run.record;
    try {
      const { swappable, externalChanges } = await this.keyspaces.of(project);
      await run.run(swappable, next, { poll: () => externalChanges.poll(), signal });
      const { copied: entries, pause } = run.record;
      this.log.info({ project, from, to, entries, pause_ms: pause }, 'the engine was changed');
    } catch (error) {
      // What could not be removed is removed later.
      const discarded = await next.discard().catch(() => 'removed' as const);
      if (discarded === 'removed') {
        this.log.error(
          { err: error, project, from, to },
          'the engine could not be changed; the data stays where it is',
        );
        await Promise.allSettled([signal.aborted ? undefined : undo()]);
        const recorded = await run.failed(next, error as Error).then(
          () => true,
          () => false,
        );
        if (!recorded) return;
      } else {
        // The record says it, as soon as it can be read.
        const what = discarded === 'active' ? 'was changed' : 'may have been changed';
        this.log.warn({ err: error, project, from, to }, `the engine ${what}, but the change was not answered`);
      }
    }
    if (this.#running.get(project)?.run === run) this.#running.delete(project);
  }
}
