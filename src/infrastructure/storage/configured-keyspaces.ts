import { setTimeout as sleep } from 'node:timers/promises';
import type { Keyspace } from '../../application/entries/keyspace.js';
import { sweepExpired } from '../../application/entries/sweep-expired.js';
import type { Keyspaces, NextStore } from '../../application/ports/keyspaces.js';
import type { Awaitable } from '../../application/ports/store.js';
import { unknownProject } from '../../application/projects/existing.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { removeSnapshots } from './folder-snapshots.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { OpenProject } from './open-project.js';
import { PlacedStore } from './placed-store.js';
import { placedProjects, removePlacement, tidyPlacement } from './placement.js';

/** How often expired entries are removed, and how soon a project that could not be opened is tried again, in ms. */
const SWEEP_EVERY = 500;
const TRY_AGAIN = 2_000;
/** How soon one that failed while in use is tried again for the first time, in ms. */
const SOON = 100;
/**
 * How long a start waits for projects to open; a large one goes on opening while the others are served, and only then counts as a
 * failure: a new project, which is opened in no time, must not make the server seem down.
 */
const OPEN_FIRST = 1_000;
/** How long a store that failed may take to close before the process gives up on it. */
const CLOSE_FAILED = 10_000;
/** How long a stop waits for what is being tidied up, in ms; the next start does the rest. */
const SETTLE = 2_000;

interface Failure {
  readonly reason: string;
  readonly at: number;
}

interface Opening {
  readonly keyspace: Promise<Keyspace>;
  readonly since: number;
}

/** Opens each project's store where its placement says, and keeps it open. */
export class ConfiguredKeyspaces implements Keyspaces {
  readonly #context: KeyspaceContext;
  readonly #open = new Map<string, OpenProject>();
  readonly #opening = new Map<string, Opening>();
  readonly #failures = new Map<string, Failure>();
  readonly #retired = new Set<string>();
  readonly #sweeping = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: KeyspaceContext) {
    this.#context = context;
  }

  /** Finishes deletions that a crash interrupted, opens every project, and starts to sweep. Failures are kept, not thrown. */
  async start(): Promise<void> {
    const { folder, projects, log } = this.#context;
    for (const project of await placedProjects(folder)) await this.#finishDeletion(project);
    const opening = projects.list().map(async ({ id }) => {
      try {
        await this.of(id);
      } catch (error) {
        log.error({ project: id }, (error as Error).message);
      }
    });
    await Promise.race([Promise.all(opening), sleep(OPEN_FIRST)]);
    this.#timer = setInterval(() => this.#sweep(), SWEEP_EVERY).unref();
  }

  of(project: string): Awaitable<Keyspace> {
    const open = this.#open.get(project);
    if (open !== undefined) return open.keyspace;
    if (this.#retired.has(project)) return Promise.reject(unknownProject(project));
    if (this.#closed) return Promise.reject(new AppError('unavailable', 'The server is stopping'));
    const failure = this.#failures.get(project);
    if (failure !== undefined && performance.now() - failure.at < TRY_AGAIN) {
      return Promise.reject(new AppError('unavailable', failure.reason));
    }
    return this.#openOnce(project);
  }

  async create(project: Project): Promise<void> {
    const placed = this.#placed(project.id);
    await placed.create(project);
    this.#retired.delete(project.id);
  }

  async retire(project: string): Promise<void> {
    const { folder } = this.#context;
    this.#retired.add(project);
    try {
      const placed = this.#open.get(project)?.placed ?? this.#placed(project);
      if (this.#open.has(project) || (await placed.find())) await placed.abandon();
      await this.#close(project);
    } catch (error) {
      this.#context.log.error({ err: error, project, folder }, 'A project could not be marked as deleted');
      this.#retired.delete(project);
      throw error;
    }
  }

  async restore(project: string): Promise<void> {
    const placed = this.#placed(project);
    if (await placed.find()) await placed.change({ deleted: false });
    this.#retired.delete(project);
  }

  async erase(project: string): Promise<void> {
    const placed = this.#placed(project);
    if (await placed.find()) {
      await placed.removeFiles();
      await removeSnapshots(this.#context.folder, project);
      await removePlacement(this.#context.folder, project);
    }
    this.#failures.delete(project);
    this.#retired.delete(project);
  }

  refresh(project: Project): void {
    const open = this.#open.get(project.id);
    if (open !== undefined) open.keyspace.rules = this.#context.rulesOf(project);
  }

  async mustMove(project: Project): Promise<boolean> {
    return (await this.#opened(project.id)).placed.differs(project);
  }

  async prepare(project: Project): Promise<NextStore> {
    return (await this.#opened(project.id)).prepare(project);
  }

  async renew(project: string): Promise<NextStore> {
    return (await this.#opened(project)).renew();
  }

  async goBack(project: string) {
    return (await this.#opened(project)).goBack();
  }

  failures(): ReadonlyMap<string, string> {
    const opening = [...this.#opening]
      .filter(([, { since }]) => performance.now() - since >= OPEN_FIRST)
      .map(([project]) => [project, 'it is being opened'] as const);
    return new Map([...opening, ...[...this.#failures].map(([project, { reason }]) => [project, reason] as const)]);
  }

  /** Closes every store; nothing can be opened any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.allSettled([...this.#opening.values()].map(({ keyspace }) => keyspace));
    const busy = [...this.#sweeping.values(), ...[...this.#open.values()].map((open) => open.alone(SETTLE))];
    await Promise.race([Promise.all(busy), sleep(SETTLE, undefined, { ref: false })]);
    await Promise.allSettled([...this.#open.keys()].map((project) => this.#close(project)));
  }

  #placed(project: string): PlacedStore {
    const { folder, ciphers, log } = this.#context;
    return new PlacedStore(project, folder, ciphers, log);
  }

  #openOnce(project: string): Promise<Keyspace> {
    const running = this.#opening.get(project);
    if (running !== undefined) return running.keyspace;
    const opening = this.#load(project)
      .catch((error: unknown) => {
        const problem =
          error instanceof AppError ? error : new AppError('unavailable', String(error), { cause: error });
        if (problem.code !== 'not_found') {
          this.#failures.set(project, { reason: problem.message, at: performance.now() });
        }
        throw problem;
      })
      .finally(() => this.#opening.delete(project));
    this.#opening.set(project, { keyspace: opening, since: performance.now() });
    return opening;
  }

  async #load(id: string): Promise<Keyspace> {
    const project = this.#context.projects.get(id);
    if (project === undefined) throw unknownProject(id);
    const placed = this.#placed(id);
    await tidyPlacement(this.#context.folder, id);
    if (!(await placed.find())) await placed.adopt(project);
    await placed.discard();
    const open = await OpenProject.load(project, placed, this.#context, (error) => void this.#recover(id, error));
    this.#open.set(id, open);
    this.#failures.delete(id);
    return open.keyspace;
  }

  /** A store that failed is closed and opened again from what the disk holds, before anything else is committed. */
  async #recover(project: string, cause: unknown): Promise<void> {
    const { log, giveUp } = this.#context;
    const open = this.#open.get(project);
    if (open === undefined) return;
    log.error({ err: cause, project }, 'a commit failed; the project is opened again from disk');
    this.#open.delete(project);
    // Nobody else may open it before it is closed, however long that takes.
    const reason = `a write failed (${(cause as Error).message})`;
    this.#failures.set(project, { reason, at: Number.POSITIVE_INFINITY });
    await open.keyspace.live.still(async () => {
      const closed = Promise.resolve(open.keyspace.live.close()).then(
        () => true,
        (error: unknown) => !(error instanceof AppError && error.details?.hangs === true),
      );
      if (!(await Promise.race([closed, sleep(CLOSE_FAILED)]))) giveUp(`the store of project '${project}' hangs`);
      for (let wait = SOON; ; wait = Math.min(2 * wait, TRY_AGAIN)) {
        try {
          if (this.#retired.has(project) || this.#closed) return;
          await open.reopen();
          this.#open.set(project, open);
          this.#failures.delete(project);
          return;
        } catch (error) {
          this.#failures.set(project, { reason: (error as Error).message, at: Number.POSITIVE_INFINITY });
          await sleep(wait);
        }
      }
    });
  }

  async #opened(project: string): Promise<OpenProject> {
    await this.of(project);
    return this.#open.get(project) as OpenProject;
  }

  async #close(project: string): Promise<void> {
    await this.#opening.get(project)?.keyspace.catch(() => undefined);
    const open = this.#open.get(project);
    this.#open.delete(project);
    await open?.keyspace.close();
  }

  async #finishDeletion(project: string): Promise<void> {
    const { log, projects } = this.#context;
    try {
      const placed = this.#placed(project);
      if (!(await placed.find()) || !placed.placement.deleted) return;
      this.#retired.add(project);
      if (projects.get(project) !== undefined) await projects.remove(project);
      await this.erase(project);
    } catch (error) {
      log.error({ project }, (error as Error).message);
    }
  }

  #sweep(): void {
    for (const [project, { keyspace, placed }] of this.#open) {
      if (this.#sweeping.has(project)) continue;
      const sweep = sweepExpired(keyspace)
        .then(() => placed.expireKept(this.#context.clock.now()))
        .catch((error: unknown) =>
          this.#context.log.warn({ project }, `expired entries stay: ${(error as Error).message}`),
        )
        .finally(() => this.#sweeping.delete(project))
        .then(() => undefined);
      this.#sweeping.set(project, sweep);
    }
  }
}
