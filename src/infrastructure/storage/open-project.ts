import { setTimeout as sleep } from 'node:timers/promises';
import { requireReadable } from '../../application/copies/require-readable.js';
import { Keyspace } from '../../application/entries/keyspace.js';
import { Versions } from '../../application/entries/versions.js';
import type { MoveTarget, NextStore } from '../../application/ports/keyspaces.js';
import type { Store } from '../../application/ports/store.js';
import { ExchangeableStore } from '../../application/stores/exchangeable-store.js';
import { QuotaStore } from '../../application/stores/quota-store.js';
import { durationOf } from '../../domain/duration.js';
import { AppError } from '../../domain/errors.js';
import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { fullDisk } from '../files/full-disk.js';
import { gatheredContent } from './gathered-content.js';
import { wishOf } from './generations.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { moveAsConfigured } from './move-as-configured.js';
import { OneBeside } from './one-beside.js';
import { OthersInCharge } from './others-in-charge.js';
import type { PlacedStore } from './placed-store.js';
import type { EngineWish } from './placement.js';
import { whileRoom } from './while-room.js';

/** How long what was moved away from is kept where the settings do not say. */
const KEEP_OLD_FOR = '24h';

/** How many bytes files take at the most for each byte of entries. */
const ROOM = 2;

/** A project that is served: its keyspace, and the stores that come and go below it. */
export class OpenProject {
  readonly keyspace: Keyspace;
  readonly placed: PlacedStore;
  readonly #context: KeyspaceContext;
  readonly #live: ExchangeableStore;
  /** What others do to the store in charge passes here. */
  #others: OthersInCharge;
  readonly #beside: OneBeside;
  /** Stores that were exchanged and are still read from, or being closed and removed. */
  readonly #leaving = new Set<Promise<void>>();

  private constructor(
    project: Project,
    placed: PlacedStore,
    live: ExchangeableStore,
    others: OthersInCharge,
    context: KeyspaceContext,
  ) {
    const saveFloor = (floor: number) => placed.change({ version_floor: floor });
    const versions = new Versions(context.clock, placed.placement.version_floor, saveFloor);
    const limited = new QuotaStore(live, () => this.keyspace.rules);
    this.keyspace = new Keyspace(project.id, limited, live, context.clock, versions, context.rulesOf(project));
    this.placed = placed;
    this.#live = live;
    this.#others = others;
    this.#context = context;
    this.#beside = new OneBeside(project.id);
  }

  /** Opens the store where the placement says; a configuration that was edited by hand has it moved first. */
  static async load(
    project: Project,
    placed: PlacedStore,
    context: KeyspaceContext,
    onFailure: (error: unknown) => void,
  ): Promise<OpenProject> {
    const others = new OthersInCharge();
    await placed.tune(project);
    const live = new ExchangeableStore(await placed.open(project.storage.encryption, others), onFailure);
    try {
      await placed.next.discard(live);
      const opened = new OpenProject(project, placed, live, others, context);
      others.pass(opened.keyspace.others);
      if (placed.differs(project))
        await moveAsConfigured(project, live, placed, () => opened.prepare(project), context);
      if (placed.canGoBack) opened.#watchFirstWrite();
      return opened;
    } catch (error) {
      await live.close();
      throw error;
    }
  }

  /** Whether its data has to move for the settings. What can follow them at once must not be exchanged meanwhile. */
  async mustMove(project: Project): Promise<boolean> {
    if (!this.placed.differs(project)) return false;
    if (await this.placed.mustMove(project)) return true;
    this.#beside.require();
    return false;
  }

  /** Follows settings that need no move. */
  async refresh(project: Project): Promise<void> {
    this.keyspace.rules = this.#context.rulesOf(project);
    await this.placed.tune(project);
  }

  prepare({ storage }: Project): Promise<MoveTarget> {
    return this.#beside.make(async () => {
      requireReadable(this.#live);
      const others = new OthersInCharge();
      const room = await this.#roomFor(wishOf(storage));
      await room((await this.#live.size()).bytes);
      const store = await this.placed.next.prepare(wishOf(storage), others);
      const next = this.#next(store, room, others, (done) => this.#switchCopy(done));
      return { ...next, note: (migration) => this.placed.note(migration) };
    });
  }

  renew(): Promise<NextStore> {
    return this.#beside.make(async () => {
      if (await this.placed.staysInPlace()) return gatheredContent(this.#live, this.#context.folder);
      const others = new OthersInCharge();
      const room = await this.#roomFor(this.placed.placement);
      const store = await this.placed.next.prepare(this.placed.placement, others);
      return this.#next(store, room, others, () => this.placed.replace());
    });
  }

  goBack(undone: Migration) {
    return this.#live.still(async () => {
      const others = new OthersInCharge();
      const back = await this.placed.back(others);
      await requireSame(back.store, this.#live);
      const left = this.placed.placement.generation;
      await this.#switching(() => back.switch(undone));
      this.#exchange(left, back.store, others);
      return this.placed.placement.configured;
    });
  }

  /** Where a restart might find another store in charge, or none, this one takes no writes until it was opened again. */
  distrust(): void {
    if (this.placed.isCertain) return;
    this.#live.fail(new AppError('unavailable', `It is not certain where the data of '${this.placed.project}' is`));
  }

  /** Opens the store again from what the disk holds. */
  async reopen(): Promise<void> {
    await this.placed.settle();
    const { storage } = this.#context.projects.get(this.placed.project) ?? {};
    const others = new OthersInCharge();
    this.#live.exchange(await this.placed.open(storage?.encryption, others));
    this.#inCharge(others);
    others.lostBefore();
  }

  /** Resolves when there is no store beside the present one, neither coming nor going, or after `patience` ms. */
  async alone(patience: number): Promise<void> {
    const all = Promise.all([this.#beside.ended, ...this.#leaving]);
    await Promise.race([all, sleep(patience, undefined, { ref: false })]);
  }

  /** Rejects with `insufficient_storage` where so many bytes of entries would not fit: some engines end the process on a full disk. */
  async #roomFor(wish: EngineWish): Promise<(bytes: number) => Promise<void>> {
    const takesRoom = await this.placed.next.takesRoom(wish);
    return async (bytes) => (takesRoom ? this.#context.space.requireFor(bytes * ROOM) : undefined);
  }

  #next(
    store: Store,
    room: (bytes: number) => Promise<void>,
    others: OthersInCharge,
    commitSwitch: (done?: Migration) => Promise<void>,
  ): NextStore {
    return {
      store: whileRoom(store, room),
      takeCharge: async (done) => {
        const left = this.placed.placement.generation;
        await this.#switching(() => commitSwitch(done));
        this.#exchange(left, store, others);
      },
      explained: (error) => fullDisk(error, this.#context.folder),
      discard: async () => {
        // One of which a write failed may fail to close, too.
        await Promise.allSettled([store.close()]);
        await this.placed.next.discard(this.#live);
      },
    };
  }

  async #switching(commitSwitch: () => Promise<void>): Promise<void> {
    try {
      await commitSwitch();
    } catch (error) {
      this.distrust();
      throw error;
    }
  }

  async #switchCopy(done: Migration | undefined): Promise<void> {
    const { keep_old_for = KEEP_OLD_FOR } = this.#context.projects.get(this.placed.project)?.storage ?? {};
    await this.placed.switch(durationOf(keep_old_for) ?? 0, done);
    this.#watchFirstWrite();
  }

  /** Puts the store in place of that of the generation `left`, which is closed after its last read. */
  #exchange(left: number, store: Store, others: OthersInCharge): void {
    this.#inCharge(others);
    const { before, idle } = this.#live.exchange(store);
    const { project } = this.placed;
    const gone = idle
      .then(() => before.close())
      .then(() => this.placed.release(left))
      .catch((error: unknown) => this.#context.log.warn({ project }, (error as Error).message))
      .finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #inCharge(others: OthersInCharge): void {
    this.#others.stop();
    this.#others = others;
    others.pass(this.keyspace.others);
  }

  /** The first write after a switch is what one cannot go back behind: that is noted before any write is committed. */
  #watchFirstWrite(): void {
    let marking: Promise<void> | undefined;
    const unwatch = this.#live.watchWhileStill({
      before: async () => {
        marking ??= this.placed.markWritten().finally(() => {
          marking = undefined;
        });
        await marking;
        unwatch();
      },
    });
  }
}

/** What was left is not there any more where it was kept in memory, or where others have changed it. */
async function requireSame(left: Store, present: Store): Promise<void> {
  const [then, now] = [await left.size(), await present.size()];
  if (then.keys === now.keys && then.bytes === now.bytes) return;
  await left.close();
  const counts = `it has ${then.keys} entries of ${then.bytes} bytes, not ${now.keys} of ${now.bytes}`;
  throw new AppError('conflict', `The old data is not what was left (${counts}): move back the ordinary way`);
}
