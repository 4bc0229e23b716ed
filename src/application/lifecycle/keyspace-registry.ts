import { inject, Lifecycle, scoped } from 'tsyringe';
import { AppError, CommitRefusedError, DamagedDataError, OtherServerError } from '../../domain/errors.js';
import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { unknownProject } from '../access/require-project.js';
import type { Awaitable } from '../awaitable.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Keyspaces } from '../keyspace/keyspaces.js';
import type { Durability } from '../ports/project-storage.js';
import { adoptData, createEmpty } from './creation.js';
import { Deletion } from './deletion.js';
import { followAll } from './following.js';
import { KeyspaceContext } from './keyspace-context.js';
import { openInTurn } from './open-in-turn.js';
import { OpenKeyspace } from './open-keyspace.js';
import { OpenFailures } from './recovery/open-failures.js';
import { Replacements } from './recovery/replacements.js';
import { Sweeper } from './sweeper.js';
import { sleep } from './timers.js';

/**
 * How long a start waits for projects to open, in ms. A large project continues to open while the others are served.
 * Only a project that opens for longer counts as a failure: a new project, which opens quickly, must not make the
 * server seem down.
 */
const START_TIMEOUT = 1_000;
/** How long a stop waits for running removals, in ms; the next start finishes them. */
const STOP_TIMEOUT = 2_000;

interface Opening {
  readonly keyspace: Promise<Keyspace>;
  readonly since: number;
}

/** Opens each project's store where its record says, and serves it from then on. */
@scoped(Lifecycle.ContainerScoped)
export class KeyspaceRegistry implements Keyspaces {
  readonly #open = new Map<string, OpenKeyspace>();
  readonly #opening = new Map<string, Opening>();
  /** Projects that a start has not come to yet. */
  readonly #waiting = new Set<string>();
  #startedAt = 0;
  readonly #failures = new OpenFailures();
  readonly #replacements: Replacements;
  readonly #sweeper: Sweeper;
  readonly #deletion: Deletion;
  #closed = false;

  constructor(@inject(KeyspaceContext) private readonly context: KeyspaceContext) {
    this.#sweeper = new Sweeper(context, this.#open);
    this.#deletion = new Deletion(context);
    this.#replacements = new Replacements(context, {
      open: (project) => this.#open.get(project),
      tryOpen: (project, whenDamaged) => this.#openOnce(project, whenDamaged),
      isGone: (project) => this.#closed || this.#deletion.isRetired(project),
      serve: (project, open) => this.#serve(project, open),
      recover: (project, error) => this.#recover(project, error),
      failed: (project, reason) => this.#failures.addFinal(project, reason),
    });
  }

  /**
   * Finishes deletions that a crash interrupted, opens every project in turn, and starts to sweep. One that is asked
   * for meanwhile is opened first. Failures are kept, not thrown. Calls `onOpened` when the last project was opened,
   * which may be after this resolved.
   */
  async start(onOpened: () => void = () => undefined): Promise<void> {
    const { projects, log } = this.context;
    await this.#deletion.finishAll();
    const ids = projects.list().map(({ id }) => id);
    for (const id of ids) this.#waiting.add(id);
    this.#startedAt = performance.now();
    const all = openInTurn(ids, async (id) => {
      this.#waiting.delete(id);
      try {
        if (!this.#closed) await this.of(id);
      } catch (error) {
        if (!(error instanceof OtherServerError)) log.error({ project: id }, (error as Error).message);
      }
    }).then(onOpened);
    await Promise.race([all, sleep(START_TIMEOUT)]);
    this.#sweeper.start();
  }

  of(project: string): Awaitable<Keyspace> {
    const open = this.#open.get(project);
    if (open !== undefined) return open.keyspace;
    if (this.#deletion.isRetired(project)) return Promise.reject(unknownProject(project));
    if (this.#closed) return Promise.reject(new AppError('unavailable', 'The server is stopping'));
    const failure = this.#failures.of(project);
    if (failure !== undefined && (!failure.mayRetry || this.#replacements.running(project) !== undefined)) {
      return Promise.reject(new AppError('unavailable', failure.reason));
    }
    return this.#openOnce(project);
  }

  async replace<T>(project: string, task: (keyspace: Keyspace) => Promise<T>): Promise<T> {
    while (this.#opening.has(project)) await this.#opening.get(project)?.keyspace.catch(() => undefined);
    const damaged = await this.#replacements.begin(project);
    return damaged === undefined ? task(await this.of(project)) : this.#replacements.run(damaged, task);
  }

  async create(project: Project, adopt = false): Promise<void> {
    await this.#deletion.finish(project.id);
    const storage = this.context.storages.of(project.id);
    if (adopt) await adoptData(project, storage);
    else await createEmpty(project, storage);
    this.#deletion.forget(project.id);
  }

  async retire(project: string): Promise<void> {
    const open = this.#open.get(project) ?? this.#replacements.running(project);
    try {
      await this.#deletion.retire(project, open?.storage, () => this.#close(project, unknownProject(project)));
    } catch (error) {
      open?.markUncertain();
      throw error;
    }
  }

  restore(project: string): Promise<void> {
    return this.#deletion.restore(project);
  }

  async erase(project: string): Promise<void> {
    await this.#deletion.erase(project);
    this.#failures.delete(project);
  }

  /** Closes a project that is no longer configured; its data stays. */
  async release(project: string): Promise<void> {
    await this.#close(project, unknownProject(project));
    this.#failures.delete(project);
  }

  /**
   * Takes over where other servers have put the data of open projects. When this resolves, nothing is read any more
   * where the data was: one that is not opened in time at the new place has reads wait. One that cannot be is closed.
   */
  async follow(): Promise<void> {
    await followAll(new Map([...this.#open].map(([project, open]) => [open, this.#follow(project, open)])));
  }

  async applySettings(project: Project): Promise<void> {
    await this.#open.get(project.id)?.applySettings(project);
  }

  async migrations(project: string): Promise<readonly Migration[]> {
    const open = this.#open.get(project);
    if (open !== undefined) return open.storage.record.migrations;
    const storage = this.context.storages.of(project);
    return (await storage.load()) ? storage.record.migrations : [];
  }

  async durability(project: string): Promise<Durability> {
    try {
      await this.of(project);
      const open = this.#open.get(project);
      if (open !== undefined) return await open.storage.durability();
    } catch {
      // Requests for its data and `failures` have the reason.
    }
    return { commit: 'is unknown: the project cannot be opened', warnings: [] };
  }

  warnings(): ReadonlyMap<string, readonly string[]> {
    const all = [...this.#open].map(([project, { storage }]) => [project, storage.warnings()] as const);
    return new Map(all.filter(([, warnings]) => warnings.length > 0));
  }

  failures(): ReadonlyMap<string, string> {
    // A client that waits until there are no failures may send no request that opens the projects.
    for (const [project] of this.#failures.reasons()) void Promise.resolve(this.of(project)).catch(() => undefined);
    const now = performance.now();
    const slow = [...this.#opening].filter(([, { since }]) => now - since >= START_TIMEOUT).map(([project]) => project);
    const waiting = now - this.#startedAt >= START_TIMEOUT ? this.#waiting : [];
    const opening = [...waiting, ...slow].map((project) => [project, 'it is being opened'] as const);
    return new Map([...opening, ...this.#failures.reasons()]);
  }

  /** Closes every store; nothing can be opened any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#sweeper.stop();
    await Promise.allSettled([...this.#opening.values()].map(({ keyspace }) => keyspace));
    const all = [...this.#open.values(), ...this.#replacements.all()];
    const busy = [this.#sweeper.idle(), ...all.map((open) => open.drained(STOP_TIMEOUT))];
    await Promise.race([Promise.all(busy), sleep(STOP_TIMEOUT, { ref: false })]);
    await Promise.allSettled([...this.#open.keys()].map((project) => this.#close(project)));
  }

  async #follow(project: string, open: OpenKeyspace): Promise<void> {
    await open.follow().catch((error: unknown) => this.#dropUnavailable(project, open, error as AppError));
  }

  #serve(project: string, open: OpenKeyspace): void {
    open.storage.place.onLeft = () => void this.#follow(project, open);
    open.storage.onUnavailable = (reason) => void this.#dropUnavailable(project, open, reason);
    this.#open.set(project, open);
    this.#failures.delete(project);
  }

  /** Calls `whenDamaged` if the data is damaged, before it rejects. */
  #openOnce(project: string, whenDamaged?: (damage: DamagedDataError) => Promise<void>): Promise<Keyspace> {
    const running = this.#opening.get(project);
    if (running !== undefined) return running.keyspace;
    const opening = this.#load(project)
      .catch(async (error: unknown) => {
        const problem =
          error instanceof AppError ? error : new AppError('unavailable', String(error), { cause: error });
        this.#noteFailure(project, problem);
        if (problem instanceof DamagedDataError) await whenDamaged?.(problem);
        throw problem;
      })
      .finally(() => this.#opening.delete(project));
    this.#opening.set(project, { keyspace: opening, since: performance.now() });
    return opening;
  }

  async #load(id: string): Promise<Keyspace> {
    const project = this.context.projects.get(id);
    if (project === undefined) throw unknownProject(id);
    const storage = this.context.storages.of(id);
    if (!(await storage.load())) await storage.adopt(project);
    await storage.cleanUp();
    await storage.recordInterrupted(this.context.clock.now());
    let served: OpenKeyspace | undefined;
    const onFailure = (error: unknown) => this.#recover(id, error, served);
    const open = await OpenKeyspace.load(project, storage, this.context, onFailure);
    served = open;
    try {
      // Another server may have put the data elsewhere while it was opened.
      while (open.storage.place.isLeft) await open.follow();
    } catch (error) {
      await open.keyspace.close();
      throw error;
    }
    this.#serve(id, open);
    return open.keyspace;
  }

  /** Closes a failed store and opens it again. Until that is done nothing else may open it. */
  #recover(project: string, cause: unknown, failed = this.#open.get(project)): void {
    const open = this.#open.get(project);
    // A keyspace that was replaced by another one may fail late.
    if (open === undefined || open !== failed) return;
    this.context.log.error({ err: cause, project }, 'a commit failed; the project is opened again from disk');
    this.#open.delete(project);
    this.#failures.addFinal(project, `a write failed (${(cause as Error).message})`);
    this.#replacements.reopen(project, open);
  }

  /** Not of a project that is to be asked for elsewhere. */
  #noteFailure(project: string, problem: AppError): void {
    if (problem.code === 'not_found' || problem instanceof OtherServerError) return;
    this.#failures.add(project, problem.message);
  }

  /** The store was closed while idle, or left, and cannot be opened: the project is as one that never could be. */
  async #dropUnavailable(project: string, open: OpenKeyspace, reason: AppError): Promise<void> {
    if (this.#open.get(project) !== open) return;
    this.#open.delete(project);
    this.#noteFailure(project, reason);
    this.context.log.error({ project }, reason.message);
    const refusal = reason instanceof CommitRefusedError ? reason : new CommitRefusedError(reason.message);
    await Promise.allSettled([open.keyspace.close(refusal)]);
  }

  async #close(project: string, reason?: AppError): Promise<void> {
    await this.#opening.get(project)?.keyspace.catch(() => undefined);
    const open = this.#open.get(project);
    this.#open.delete(project);
    await open?.keyspace.close(reason);
  }
}
