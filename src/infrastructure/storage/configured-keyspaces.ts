import { setTimeout as sleep } from 'node:timers/promises';
import { moveStore } from '../../application/copies/move-store.js';
import { Keyspace } from '../../application/entries/keyspace.js';
import { sweepExpired } from '../../application/entries/sweep-expired.js';
import { Versions } from '../../application/entries/versions.js';
import type { Ciphers } from '../../application/ports/cipher.js';
import type { Clock } from '../../application/ports/clock.js';
import type { EntryHash } from '../../application/ports/entry-hash.js';
import type { EntryRules } from '../../application/ports/entry-rules.js';
import type { Keyspaces, NextStore } from '../../application/ports/keyspaces.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Projects } from '../../application/ports/projects.js';
import type { Awaitable, Store } from '../../application/ports/store.js';
import { unknownProject } from '../../application/projects/existing.js';
import { ExchangeableStore } from '../../application/stores/exchangeable-store.js';
import { QuotaStore } from '../../application/stores/quota-store.js';
import { durationOf } from '../../domain/duration.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { removeSnapshots } from './folder-snapshots.js';
import { wishOf } from './generations.js';
import { PlacedStore } from './placed-store.js';
import { placedProjects, removePlacement, tidyPlacement } from './placement.js';

/** How often expired entries are removed, and how soon a project that could not be opened is tried again, in ms. */
const SWEEP_EVERY = 500;
const TRY_AGAIN = 2_000;
/** How long a start waits for projects to open; a large one goes on opening while the others are served. */
const OPEN_FIRST = 1_000;
/** How long a store that failed may take to close before the process gives up on it. */
const CLOSE_FAILED = 10_000;
/** How long what was moved away from is kept where the settings do not say. */
const KEEP_OLD_FOR = '24h';

export interface KeyspaceContext {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly projects: Pick<Projects, 'get' | 'list' | 'remove'>;
  readonly hash: EntryHash;
  readonly ciphers: Ciphers;
  rulesOf(project: Project): EntryRules;
  /** Ends the process, for a supervisor to start it again: nothing else frees a store that hangs. */
  giveUp(reason: string): void;
}

interface Failure {
  readonly reason: string;
  readonly at: number;
}

interface Opened {
  readonly keyspace: Keyspace;
  readonly placed: PlacedStore;
}

/** Opens each project's store where its placement says, and keeps it open. */
export class ConfiguredKeyspaces implements Keyspaces {
  readonly #context: KeyspaceContext;
  readonly #open = new Map<string, Opened>();
  readonly #opening = new Map<string, Promise<Keyspace>>();
  readonly #failures = new Map<string, Failure>();
  readonly #retired = new Set<string>();
  readonly #sweeping = new Set<string>();
  /** Stores that are made beside the present one, until they took charge or were discarded. */
  readonly #preparing = new Map<string, Promise<void>>();
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
    const { keyspace, placed } = await this.#opened(project.id);
    return this.#beside(project.id, async () => {
      const store = await placed.prepare(wishOf(project.storage), (await keyspace.store.size()).bytes);
      return this.#next(placed, store, keyspace.live, () => this.#switchCopy(placed, keyspace.live));
    });
  }

  async renew(project: string): Promise<NextStore> {
    const { keyspace, placed } = await this.#opened(project);
    return this.#beside(project, async () => {
      const store = await placed.prepare(placed.placement, 0);
      return this.#next(placed, store, keyspace.live, () => placed.replace());
    });
  }

  async goBack(project: string) {
    const { keyspace, placed } = await this.#opened(project);
    return keyspace.live.still(async () => {
      const back = await placed.back();
      const left = placed.placement.generation;
      await back.switch();
      this.#exchange(placed, left, keyspace.live, back.store);
      return placed.placement.configured;
    });
  }

  failures(): ReadonlyMap<string, string> {
    const opening = [...this.#opening.keys()].map((project) => [project, 'it is being opened'] as const);
    return new Map([...opening, ...[...this.#failures].map(([project, { reason }]) => [project, reason] as const)]);
  }

  /** Closes every store; nothing can be opened any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.allSettled([...this.#opening.values()]);
    await Promise.race([Promise.all(this.#preparing.values()), sleep(CLOSE_FAILED, undefined, { ref: false })]);
    await Promise.allSettled([...this.#open.keys()].map((project) => this.#close(project)));
  }

  #placed(project: string): PlacedStore {
    const { folder, ciphers, log } = this.#context;
    return new PlacedStore(project, folder, ciphers, log);
  }

  #openOnce(project: string): Promise<Keyspace> {
    const running = this.#opening.get(project);
    if (running !== undefined) return running;
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
    this.#opening.set(project, opening);
    return opening;
  }

  async #load(id: string): Promise<Keyspace> {
    const { projects, clock } = this.#context;
    const project = projects.get(id);
    if (project === undefined) throw unknownProject(id);
    const placed = this.#placed(id);
    await tidyPlacement(this.#context.folder, id);
    if (!(await placed.find())) await placed.adopt(project);
    await placed.discard();
    const live = new ExchangeableStore(
      await placed.open(project.storage.encryption),
      (error) => void this.#recover(id, error),
    );
    if (placed.differs(project)) await this.#moveAsConfigured(project, placed, live);
    if (placed.canGoBack) await this.#watchFirstWrite(placed, live);
    const saveFloor = (floor: number) => placed.change({ version_floor: floor });
    const versions = new Versions(clock, placed.placement.version_floor, saveFloor);
    const limited = new QuotaStore(live, () => keyspace.rules);
    const keyspace: Keyspace = new Keyspace(id, limited, live, clock, versions, this.#context.rulesOf(project));
    this.#open.set(id, { keyspace, placed });
    this.#failures.delete(id);
    return keyspace;
  }

  /** A store that failed is closed and opened again from what the disk holds, before anything else is committed. */
  async #recover(project: string, cause: unknown): Promise<void> {
    const { log, giveUp } = this.#context;
    const open = this.#open.get(project);
    if (open === undefined) return;
    log.error({ err: cause, project }, 'a commit failed; the project is opened again from disk');
    this.#open.delete(project);
    this.#failures.set(project, { reason: `a write failed (${(cause as Error).message})`, at: performance.now() });
    await open.keyspace.live.still(async () => {
      const closed = Promise.resolve(open.keyspace.live.close()).then(
        () => true,
        () => true,
      );
      if (!(await Promise.race([closed, sleep(CLOSE_FAILED)]))) giveUp(`the store of project '${project}' hangs`);
      for (;;) {
        try {
          if (this.#retired.has(project) || this.#closed) return;
          open.keyspace.live.exchange(await open.placed.open(this.#context.projects.get(project)?.storage.encryption));
          this.#open.set(project, open);
          this.#failures.delete(project);
          return;
        } catch (error) {
          this.#failures.set(project, { reason: (error as Error).message, at: Number.POSITIVE_INFINITY });
          await sleep(TRY_AGAIN);
        }
      }
    });
  }

  async #opened(project: string): Promise<Opened> {
    await this.of(project);
    return this.#open.get(project) as Opened;
  }

  /** The configuration was edited by hand: moves the data before it is served; where that fails it is served where it is. */
  async #moveAsConfigured(project: Project, placed: PlacedStore, live: ExchangeableStore): Promise<void> {
    const { log, hash } = this.#context;
    const [from, to] = [placed.placement.engine, project.storage.engine];
    try {
      const store = await placed.prepare(wishOf(project.storage), (await live.size()).bytes);
      const next = this.#next(placed, store, live, () => this.#switchCopy(placed, live));
      try {
        const moved = await moveStore(live, next, hash);
        log.info(
          { project: project.id, from, to, entries: moved.entries },
          'the data was moved as the configuration asks',
        );
      } catch (error) {
        await next.discard();
        throw error;
      }
    } catch (error) {
      const reason = (error as Error).message;
      if (project.storage.encryption !== undefined && placed.placement.encryption === undefined) {
        await live.close();
        throw new AppError('unavailable', `Project '${project.id}' cannot be encrypted as configured: ${reason}`);
      }
      log.error(
        { project: project.id, from, to, reason },
        'the data could not be moved as the configuration asks; it is served where it is',
      );
    }
  }

  /** Lets only one store be made beside the present one at a time. */
  async #beside(project: string, make: () => Promise<NextStore>): Promise<NextStore> {
    if (this.#preparing.has(project)) {
      throw new AppError(
        'conflict',
        `Project '${project}' is being moved, restored or replaced already; try again later`,
      );
    }
    let ended: () => void = () => undefined;
    this.#preparing.set(
      project,
      new Promise((resolve) => {
        ended = () => {
          this.#preparing.delete(project);
          resolve();
        };
      }),
    );
    try {
      const { store, takeCharge, discard } = await make();
      return { store, takeCharge: () => takeCharge().then(ended), discard: () => discard().finally(ended) };
    } catch (error) {
      ended();
      throw error;
    }
  }

  #next(placed: PlacedStore, store: Store, live: ExchangeableStore, commitSwitch: () => Promise<void>): NextStore {
    return {
      store,
      takeCharge: async () => {
        const left = placed.placement.generation;
        await commitSwitch();
        this.#exchange(placed, left, live, store);
      },
      discard: async () => {
        await store.close();
        await placed.discard();
      },
    };
  }

  async #switchCopy(placed: PlacedStore, live: ExchangeableStore): Promise<void> {
    const { keep_old_for = KEEP_OLD_FOR } = this.#context.projects.get(placed.project)?.storage ?? {};
    await placed.switch(durationOf(keep_old_for) ?? 0);
    await this.#watchFirstWrite(placed, live);
  }

  /** Puts the store in place of that of the generation `left`, which is closed after its last read. */
  #exchange(placed: PlacedStore, left: number, live: ExchangeableStore, store: Store): void {
    const { before, idle } = live.exchange(store);
    idle
      .then(() => before.close())
      .then(() => placed.release(left))
      .catch((error: unknown) => this.#context.log.warn({ project: placed.project }, (error as Error).message));
  }

  /** The first write after a switch is what one cannot go back behind. */
  async #watchFirstWrite(placed: PlacedStore, live: ExchangeableStore): Promise<void> {
    const unwatch = live.watchWhileStill({
      before: async () => {
        unwatch();
        await placed.markWritten();
      },
    });
  }

  async #close(project: string): Promise<void> {
    await this.#opening.get(project)?.catch(() => undefined);
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
      this.#sweeping.add(project);
      sweepExpired(keyspace)
        .then(() => placed.expireKept(this.#context.clock.now()))
        .catch((error: unknown) =>
          this.#context.log.warn({ project }, `expired entries stay: ${(error as Error).message}`),
        )
        .finally(() => this.#sweeping.delete(project));
    }
  }
}
