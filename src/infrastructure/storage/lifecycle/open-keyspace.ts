import { setTimeout as sleep } from 'node:timers/promises';
import { Keyspace } from '../../../application/keyspace/keyspace.js';
import type { MigrationTarget, StagedStore } from '../../../application/keyspace/keyspaces.js';
import { requireWhole } from '../../../application/keyspace/require-whole.js';
import { Versions } from '../../../application/keyspace/versions.js';
import type { Store } from '../../../application/ports/store.js';
import { DiskSpaceStore } from '../../../application/stores/disk-space-store.js';
import { QuotaStore } from '../../../application/stores/quota-store.js';
import { SwappableStore } from '../../../application/stores/swappable-store.js';
import { durationOf } from '../../../domain/duration.js';
import { AppError } from '../../../domain/errors.js';
import type { Migration } from '../../../domain/migration.js';
import type { Project } from '../../../domain/project.js';
import { fullDisk } from '../../files/storage-errors.js';
import { requestedSpec } from '../placement/generations.js';
import type { LocalProjectStorage } from '../placement/local-project-storage.js';
import type { StorageSpec } from '../placement/placement.js';
import { ExternalChangeRelay } from './external-change-relay.js';
import { inMemoryReplacement } from './in-memory-replacement.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { StagingSlot } from './staging-slot.js';
import { migrateAsConfigured } from './startup-migration.js';

/** How long what was moved away from is kept where the settings do not say. */
const KEEP_OLD_FOR = '24h';

/** How many bytes files take at the most for each byte of entries. */
const ROOM = 2;

/** A project that is served: its keyspace, and the stores that come and go below it. */
export class OpenKeyspace {
  readonly keyspace: Keyspace;
  readonly storage: LocalProjectStorage;
  readonly #context: KeyspaceContext;
  readonly #live: SwappableStore;
  /** What others do to the store in charge passes here. */
  #others: ExternalChangeRelay;
  readonly #beside: StagingSlot;
  /** Stores that were exchanged and are still read from, or being closed and removed. */
  readonly #leaving = new Set<Promise<void>>();

  private constructor(
    project: Project,
    placed: LocalProjectStorage,
    live: SwappableStore,
    others: ExternalChangeRelay,
    context: KeyspaceContext,
  ) {
    const saveFloor = (floor: number) => placed.change({ version_floor: floor });
    const versions = new Versions(context.clock, placed.placement.version_floor, saveFloor);
    const limited = new QuotaStore(live, () => this.keyspace.rules);
    this.keyspace = new Keyspace(project.id, limited, live, context.clock, versions, context.rulesOf(project));
    this.storage = placed;
    this.#live = live;
    this.#others = others;
    this.#context = context;
    this.#beside = new StagingSlot(project.id);
  }

  /** Opens the store where the placement says; a configuration that was edited by hand has it moved first. */
  static async load(
    project: Project,
    placed: LocalProjectStorage,
    context: KeyspaceContext,
    onFailure: (error: unknown) => void,
  ): Promise<OpenKeyspace> {
    const others = new ExternalChangeRelay();
    await placed.applySettings(project);
    const live = new SwappableStore(await placed.open(project.storage.encryption, others), onFailure);
    try {
      await placed.staging.discard(live);
      const opened = new OpenKeyspace(project, placed, live, others, context);
      others.relayTo(opened.keyspace.externalChanges);
      if (placed.isOutdated(project))
        await migrateAsConfigured(project, live, placed, () => opened.stageMigration(project), context);
      if (placed.canRevert) opened.#watchFirstWrite();
      return opened;
    } catch (error) {
      await live.close();
      throw error;
    }
  }

  /** Whether its data has to move for the settings. What can follow them at once must not be exchanged meanwhile. */
  async requiresMigration(project: Project): Promise<boolean> {
    if (!this.storage.isOutdated(project)) return false;
    if (await this.storage.requiresMigration(project)) return true;
    this.#beside.requireFree();
    return false;
  }

  /** Follows settings that need no move. */
  async applySettings(project: Project): Promise<void> {
    this.keyspace.rules = this.#context.rulesOf(project);
    await this.storage.applySettings(project);
  }

  stageMigration({ storage }: Project): Promise<MigrationTarget> {
    return this.#beside.stage(async () => {
      requireWhole(this.#live);
      const others = new ExternalChangeRelay();
      const room = await this.#roomFor(requestedSpec(storage));
      await room((await this.#live.size()).bytes);
      const store = await this.storage.staging.stage(requestedSpec(storage), others);
      const next = this.#next(store, room, others, (done) => this.#switchCopy(done));
      return { ...next, recordMigration: (migration) => this.storage.recordMigration(migration) };
    });
  }

  stageReplacement(): Promise<StagedStore> {
    return this.#beside.stage(async () => {
      if (await this.storage.replacesInPlace()) return inMemoryReplacement(this.#live, this.#context.folder);
      const others = new ExternalChangeRelay();
      const room = await this.#roomFor(this.storage.placement);
      const store = await this.storage.staging.stage(this.storage.placement, others);
      return this.#next(store, room, others, () => this.storage.activateReplacement());
    });
  }

  revert(undone: Migration) {
    return this.#live.quiesce(async () => {
      const others = new ExternalChangeRelay();
      const back = await this.storage.revert(others);
      await requireSame(back.store, this.#live);
      const left = this.storage.placement.generation;
      await this.#switching(() => back.switch(undone));
      this.#exchange(left, back.store, others);
      return this.storage.placement.configured;
    });
  }

  /** Where a restart might find another store in charge, or none, this one takes no writes until it was opened again. */
  markUncertain(): void {
    if (this.storage.isDurable) return;
    this.#live.fail(new AppError('unavailable', `It is not certain where the data of '${this.storage.project}' is`));
  }

  /** Opens the store again from what the disk holds. */
  async reopen(): Promise<void> {
    await this.storage.makeDurable();
    const { storage } = this.#context.projects.get(this.storage.project) ?? {};
    const others = new ExternalChangeRelay();
    this.#live.swap(await this.storage.open(storage?.encryption, others));
    this.#inCharge(others);
    others.overflowIfShared();
  }

  /** Resolves when there is no store beside the present one, neither coming nor going, or after `patience` ms. */
  async drained(patience: number): Promise<void> {
    const all = Promise.all([this.#beside.ended, ...this.#leaving]);
    await Promise.race([all, sleep(patience, undefined, { ref: false })]);
  }

  /** Rejects with `insufficient_storage` where so many bytes of entries would not fit: some engines end the process on a full disk. */
  async #roomFor(wish: StorageSpec): Promise<(bytes: number) => Promise<void>> {
    const takesRoom = await this.storage.staging.usesDisk(wish);
    return async (bytes) => (takesRoom ? this.#context.space.requireFor(bytes * ROOM) : undefined);
  }

  #next(
    store: Store,
    room: (bytes: number) => Promise<void>,
    others: ExternalChangeRelay,
    commitSwitch: (done?: Migration) => Promise<void>,
  ): StagedStore {
    return {
      store: new DiskSpaceStore(store, room),
      activate: async (done) => {
        const left = this.storage.placement.generation;
        await this.#switching(() => commitSwitch(done));
        this.#exchange(left, store, others);
      },
      translateError: (error) => fullDisk(error, this.#context.folder),
      discard: async () => {
        // One of which a write failed may fail to close, too.
        await Promise.allSettled([store.close()]);
        await this.storage.staging.discard(this.#live);
      },
    };
  }

  async #switching(commitSwitch: () => Promise<void>): Promise<void> {
    try {
      await commitSwitch();
    } catch (error) {
      this.markUncertain();
      throw error;
    }
  }

  async #switchCopy(done: Migration | undefined): Promise<void> {
    const { keep_old_for = KEEP_OLD_FOR } = this.#context.projects.get(this.storage.project)?.storage ?? {};
    await this.storage.activateMigration(durationOf(keep_old_for) ?? 0, done);
    this.#watchFirstWrite();
  }

  /** Puts the store in place of that of the generation `left`, which is closed after its last read. */
  #exchange(left: number, store: Store, others: ExternalChangeRelay): void {
    this.#inCharge(others);
    const { before, idle } = this.#live.swap(store);
    const { project } = this.storage;
    const gone = idle
      .then(() => before.close())
      .then(() => this.storage.release(left))
      .catch((error: unknown) => this.#context.log.warn({ project }, (error as Error).message))
      .finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #inCharge(others: ExternalChangeRelay): void {
    this.#others.stop();
    this.#others = others;
    others.relayTo(this.keyspace.externalChanges);
  }

  /** The first write after a switch is what one cannot go back behind: that is noted before any write is committed. */
  #watchFirstWrite(): void {
    let marking: Promise<void> | undefined;
    const unwatch = this.#live.addListenerQuiesced({
      before: async () => {
        marking ??= this.storage.markWritten().finally(() => {
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
