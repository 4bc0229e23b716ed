import { durationOf } from '../../domain/duration.js';
import { AppError, type DamagedDataError } from '../../domain/errors.js';
import type { Migration } from '../../domain/migration.js';
import type { Project } from '../../domain/project.js';
import { Keyspace } from '../keyspace/keyspace.js';
import { publishReplacement } from '../keyspace/publish-replacement.js';
import type { KeyspaceStaging, MigrationTarget, Reverted, StagedStore } from '../keyspace/staged-store.js';
import { Versions } from '../keyspace/versions.js';
import type { ProjectStorage, Replaced, StorageSpec } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';
import { beforeFirstCommit } from '../stores/before-first-commit.js';
import { DiskSpaceStore } from '../stores/disk-space-store.js';
import { rejectingStore } from '../stores/rejecting-store.js';
import { requireWhole } from '../stores/require-whole.js';
import { CurrentStore } from './current-store.js';
import { ExternalChangeRelay } from './external-change-relay.js';
import { Following } from './following.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { inMemoryReplacement } from './staging/in-memory-replacement.js';
import { requireSameSize } from './staging/require-same-size.js';
import { revertAmongServers } from './staging/revert-among-servers.js';
import { StagingSlot } from './staging/staging-slot.js';
import { migrateAsConfigured } from './startup-migration.js';
import { belowEncryption, encryptedLayer, storeStack } from './store-stack.js';
import { sleep } from './timers.js';

/** How long the previous store is kept after a migration, by default. */
const KEEP_OLD_FOR = '24h';
/** The longest that a rollback waits until the store of the move before it is closed, in ms. */
const CLOSING_TIME = 10_000;

/** A project that is served: its keyspace, and the stores below that are swapped. */
export class OpenKeyspace implements KeyspaceStaging {
  readonly keyspace: Keyspace;
  readonly storage: ProjectStorage;
  readonly #context: KeyspaceContext;
  readonly #slot: StagingSlot;
  readonly #current: CurrentStore;
  readonly #following: Following;

  private constructor(
    project: Project,
    storage: ProjectStorage,
    opened: Store,
    relay: ExternalChangeRelay,
    context: KeyspaceContext,
    onFailure: (error: unknown) => void,
    damage?: DamagedDataError,
  ) {
    const saveFloor = (floor: number) => storage.raiseVersionFloor(floor);
    const versions = new Versions(context.clock, storage.record.versionFloor, saveFloor);
    const { clock, leases } = context;
    const { isShared } = leases;
    const { store, swappable } = storeStack(opened, () => this.keyspace.rules, { isShared, onFailure });
    const rules = context.rulesOf(project);
    this.keyspace = new Keyspace(project.id, store, swappable, clock, versions, rules, this, isShared);
    this.storage = storage;
    this.#context = context;
    this.#slot = new StagingSlot(project.id);
    this.#current = new CurrentStore(this.keyspace, storage, relay, damage, context.log);
    this.#following = new Following(this.keyspace, storage, this.#current, context.projects);
  }

  /** Opens the recorded store; if the configuration was edited by hand, it is migrated first. */
  static async load(
    project: Project,
    storage: ProjectStorage,
    context: KeyspaceContext,
    onFailure: (error: unknown) => void,
  ): Promise<OpenKeyspace> {
    const relay = new ExternalChangeRelay();
    await storage.applySettings(project);
    const store = encryptedLayer(await storage.open(belowEncryption(relay), project.storage.encryption));
    const open = new OpenKeyspace(project, storage, store, relay, context, onFailure);
    try {
      await storage.discardStaged(open.keyspace.swappable);
      if (storage.isOutdated(project) && !context.leases.isShared) await migrateAsConfigured(project, open, context);
      if (storage.canRevert) open.#watchFirstWrite();
      // Another server may have put it here just now, and a third one may still read where it was.
      if (storage.place.hasOtherWriters) void open.keyspace.swappable.quiesce(() => storage.place.whenFollowed());
      return open;
    } catch (error) {
      await open.keyspace.swappable.close();
      throw error;
    }
  }

  /** For data that is damaged or missing, which refuses everything with that reason until it is replaced. */
  static async loadDamaged(
    project: Project,
    storage: ProjectStorage,
    context: KeyspaceContext,
    onFailure: (error: unknown) => void,
    damage: DamagedDataError,
  ): Promise<OpenKeyspace> {
    await storage.prepareReplacement(project);
    const [store, relay] = [rejectingStore(damage), new ExternalChangeRelay()];
    return new OpenKeyspace(project, storage, store, relay, context, onFailure, damage);
  }

  /** Makes a store that could not be opened again refuse everything with that reason until it is replaced. */
  refuseUntilReplaced(damage: DamagedDataError): void {
    this.#current.refuseUntilReplaced(damage);
  }

  /** Whether the keyspace was served before its store failed, so that clients may wait for it. */
  get wasOpen(): boolean {
    return this.#current.wasOpen;
  }

  /** Whether the store refuses everything until it is replaced. */
  get isDamaged(): boolean {
    return this.#current.damage !== undefined;
  }

  async requiresMigration(project: Project): Promise<boolean> {
    if (!this.storage.isOutdated(project)) return false;
    if (await this.storage.requiresMigration(project)) return true;
    // Settings that need no migration are applied to the current store, which must not be replaced meanwhile.
    this.#slot.requireFree();
    return false;
  }

  /** Applies settings that need no migration. */
  async applySettings(project: Project): Promise<void> {
    this.keyspace.rules = this.#context.rulesOf(project);
    await this.storage.applySettings(project);
  }

  stageMigration({ storage: spec }: Project): Promise<MigrationTarget> {
    return this.#slot.stage(async () => {
      const { swappable } = this.keyspace;
      await requireWhole(swappable);
      await this.storage.requireSpace(spec, (await swappable.size()).bytes);
      const staged = await this.#stage(spec, (done) => this.#activateMigration(done));
      return { ...staged, recordMigration: (migration) => this.storage.recordMigration(migration) };
    });
  }

  stageReplacement(): Promise<StagedStore> {
    return this.#slot.stage(async () => {
      const { storage } = this;
      const isDamaged = this.isDamaged || this.keyspace.swappable.unreadable().length > 0;
      const configured = this.#context.projects.get(storage.project)?.storage;
      const spec = isDamaged && configured !== undefined ? configured : storage.record;
      const isShared = await storage.isShared(spec);
      const { damage } = this.#current;
      if (isShared && damage !== undefined) throw damage;
      const beside = () => this.#stage(spec, (_, wasDamaged) => storage.activateReplacement(isDamaged || wasDamaged));
      if (damage !== undefined || !(await storage.replacesInPlace())) return beside();
      return inMemoryReplacement(this.keyspace.swappable, storage, isShared ? undefined : beside);
    });
  }

  async revert(undone: Migration): Promise<Reverted> {
    const { swappable } = this.keyspace;
    // A move that has just ended is still closing the store that is opened here.
    await Promise.race([this.#current.unreadClosed(), sleep(CLOSING_TIME, { ref: false })]);
    if (this.#context.leases.isShared) return this.#slot.run(() => this.#revertAmongServers(undone));
    return swappable.quiesce(async () => {
      const isDamaged = this.isDamaged;
      const relay = new ExternalChangeRelay();
      const reverted = await this.storage.openReverted(belowEncryption(relay), isDamaged);
      const store = encryptedLayer(reverted);
      if (!isDamaged) await requireSameSize(store, swappable);
      const replaced = await this.#switch(() => reverted.activate(undone));
      await this.#current.replace(store, relay, replaced.release);
      if (isDamaged) await publishReplacement(this.keyspace);
      return { storage: this.storage.record.configured, kept: replaced.kept };
    });
  }

  async #revertAmongServers(undone: Migration): Promise<Reverted> {
    const relay = new ExternalChangeRelay();
    const reverted = await this.storage.openReverted(belowEncryption(relay), this.isDamaged);
    const store = encryptedLayer(reverted);
    const makeCurrent = async () => {
      const { release } = await this.#switch(() => reverted.activate(undone));
      await this.#current.replace(store, relay, release);
    };
    const { storage, keyspace } = this;
    await revertAmongServers(storage, keyspace.swappable, this.#context.projects, reverted.spec, store, makeCurrent);
    return { storage: storage.record.configured, kept: [] };
  }

  /** If a restart might find another store current, or none, this one refuses writes until it was opened again. */
  markUncertain(): void {
    if (this.storage.isDurable) return;
    const message = `It is not certain where the data of '${this.storage.project}' is`;
    this.keyspace.swappable.fail(new AppError('unavailable', message));
  }

  /** Opens the store again from what is durable, inside `quiesce`. Calls `opened` in the moment when it can be read. */
  reopen(opened: () => void): Promise<void> {
    return this.#following.reopen(opened);
  }

  /** Takes over where another server has put the data. Rejects if that cannot be opened: close this one then. */
  follow(): Promise<void> {
    return this.#following.follow();
  }

  /** Has reads wait, too, until a `follow` that runs has ended. */
  deferReads(): void {
    this.#following.deferReads();
  }

  /** Resolves when no store is staged or retiring, or after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    await Promise.race([
      Promise.all([this.#slot.ended, this.#current.replacedClosed()]),
      sleep(timeoutMs, { ref: false }),
    ]);
  }

  async #stage(
    spec: StorageSpec,
    activate: (done: Migration | undefined, isDamaged: boolean) => Promise<Replaced>,
  ): Promise<StagedStore> {
    const relay = new ExternalChangeRelay();
    const store = encryptedLayer(await this.storage.stage(spec, belowEncryption(relay)));
    return {
      store: new DiskSpaceStore(store, (bytes) => this.storage.requireSpace(spec, bytes)),
      fence: this.storage.place.hasOtherWriters ? () => this.storage.place.fence() : undefined,
      activate: async (done, isDamaged = false) => {
        try {
          const { release, kept } = await this.#switch(() => activate(done, isDamaged));
          await this.#current.replace(store, relay, release);
          return kept;
        } finally {
          await this.storage.place.settle();
        }
      },
      translateError: (error) => this.storage.translateError(error),
      discard: async () => {
        // A store with a failed write may fail to close, too.
        await Promise.allSettled([store.close()]);
        return this.storage.discardStaged(this.keyspace.swappable);
      },
    };
  }

  async #switch(activate: () => Promise<Replaced>): Promise<Replaced> {
    try {
      return await activate();
    } catch (error) {
      this.markUncertain();
      throw error;
    }
  }

  async #activateMigration(done: Migration | undefined): Promise<Replaced> {
    const { keep_old_for = KEEP_OLD_FOR } = this.#context.projects.get(this.storage.project)?.storage ?? {};
    const release = await this.storage.activateMigration(durationOf(keep_old_for) ?? 0, done);
    this.#watchFirstWrite();
    return { release, kept: [] };
  }

  /** Records, before the first write is committed, that the migration cannot be reverted any more. */
  #watchFirstWrite(): void {
    beforeFirstCommit(this.keyspace.swappable, () => this.storage.markWritten());
  }
}
