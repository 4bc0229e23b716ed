import { inject, injectable } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { Clock } from '../ports/clock.js';
import { EntryHash } from '../ports/entry-hash.js';
import { Keyspaces, type NextStore } from '../ports/keyspaces.js';
import { Logger } from '../ports/logger.js';
import { moveStore } from './move-store.js';

/** One change of a project's engine. Times in ms since 1970. */
export interface Migration {
  readonly id: string;
  readonly project: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  state: 'copying' | 'done' | 'failed';
  copied: number;
  /** Entries in the source when it began. */
  total: number;
  /** How long writers waited for the switch, in ms. */
  pause?: number;
  finishedAt?: number;
  error?: string;
  rolledBack?: true;
}

/** How many ended migrations of a project are remembered. */
const REMEMBERED = 20;

/** The changes of engine that run and ran since the start. */
@injectable()
export class Migrations {
  readonly #byProject = new Map<string, Migration[]>();
  readonly #running = new Map<Migration, { abort: AbortController; ended: Promise<void> }>();
  #count = 0;

  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(EntryHash) private readonly hash: EntryHash,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly log: Logger,
  ) {}

  of(project: string): readonly Migration[] {
    return this.#byProject.get(project) ?? [];
  }

  /** `not_found` where there is none of that id. */
  get(project: string, id: string): Migration {
    const found = this.of(project).find((migration) => migration.id === id);
    if (found === undefined) throw new AppError('not_found', `Migration '${id}' of project '${project}' not found`);
    return found;
  }

  /** Throws `conflict`, naming the one that runs, while there is one. */
  requireNone(project: string): void {
    const running = this.of(project).find(({ state }) => state === 'copying');
    if (running === undefined) return;
    const location = `/api/v1/projects/${project}/migrations/${running.id}`;
    throw new AppError('conflict', `Project '${project}' is being moved already, see ${location}`, {
      details: { location },
    });
  }

  /** Makes room at the target, lets `accept` save the wish, and moves the data in the background; `undo` takes the wish back. */
  async start(
    before: Project,
    after: Project,
    accept: () => Promise<void>,
    undo: () => Promise<void>,
  ): Promise<Migration> {
    this.requireNone(before.id);
    const migration: Migration = {
      id: `${this.clock.now().toString(36)}${(this.#count++ % 1296).toString(36).padStart(2, '0')}`,
      project: before.id,
      from: before.storage.engine,
      to: after.storage.engine,
      startedAt: this.clock.now(),
      state: 'copying',
      copied: 0,
      total: 0,
    };
    const known = [...this.of(before.id), migration];
    this.#byProject.set(before.id, known.slice(-REMEMBERED));
    let next: NextStore | undefined;
    try {
      next = await this.keyspaces.prepare(after);
      await accept();
    } catch (error) {
      this.#byProject.set(before.id, known.slice(0, -1));
      await next?.discard();
      throw error;
    }
    const abort = new AbortController();
    const ended = this.#run(migration, next, undo, abort.signal).finally(() => this.#running.delete(migration));
    this.#running.set(migration, { abort, ended });
    return migration;
  }

  /** Goes back to where the data was before; `conflict` unless it was the last move, is done, and nothing was written since. */
  async rollBack(project: string, id: string): Promise<Pick<Project['storage'], 'engine' | 'options' | 'encryption'>> {
    const migration = this.get(project, id);
    this.requireNone(project);
    if (migration.state !== 'done' || migration.rolledBack || this.of(project).at(-1) !== migration) {
      throw new AppError('conflict', 'Only the last migration that is done can be rolled back');
    }
    const back = await this.keyspaces.goBack(project);
    migration.rolledBack = true;
    return back;
  }

  /** Stops what runs for a project, or for all, and waits until it has tidied up. The wish stays, so that a start can fulfil it. */
  async cancel(project?: string): Promise<void> {
    const running = [...this.#running].filter(([migration]) => project === undefined || migration.project === project);
    for (const [, { abort }] of running) abort.abort(new Error('it was cancelled'));
    await Promise.all(running.map(([, { ended }]) => ended));
  }

  async #run(migration: Migration, next: NextStore, undo: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { project, from, to } = migration;
    const onCopied = (entries: number) => {
      migration.copied = entries;
    };
    try {
      const { live, others } = await this.keyspaces.of(project);
      migration.total = (await live.size()).keys;
      const moved = await moveStore(live, next, this.hash, { onCopied, look: () => others.look(), signal });
      migration.pause = Math.round(moved.pause * 10) / 10;
      migration.copied = moved.entries;
      migration.state = 'done';
      this.log.info({ project, from, to, entries: moved.entries, pause_ms: migration.pause }, 'the engine was changed');
    } catch (error) {
      this.log.error({ err: error, project, from, to }, 'the engine could not be changed; the data stays where it is');
      await Promise.allSettled([next.discard(), signal.aborted ? undefined : undo()]);
      migration.error = (error as Error).message;
      // Only now may somebody try again.
      migration.state = 'failed';
    }
    migration.finishedAt = this.clock.now();
  }
}
