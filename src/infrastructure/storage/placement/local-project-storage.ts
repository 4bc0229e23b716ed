import { relative } from 'node:path';
import type { Cipher } from '../../../application/ports/cipher.js';
import type {
  Discarded,
  Durability,
  ListenerFactory,
  OpenedStore,
  ProjectStorage,
  ReleaseReplaced,
  Replaced,
  RevertedStore,
  StorageRecord,
  StorageSpec,
} from '../../../application/ports/project-storage.js';
import type { Store } from '../../../application/ports/store.js';
import { AppError, DamagedDataError } from '../../../domain/errors.js';
import type { Migration } from '../../../domain/migration.js';
import type { KeySource, Project } from '../../../domain/project.js';
import { diskError, fullDisk } from '../../files/storage-errors.js';
import { MemoryStore } from '../building-blocks/memory-store.js';
import { Activation } from './activation.js';
import { adoptExisting, assumedPlacement, createFresh } from './adoption.js';
import { DamagedFiles } from './damaged-files.js';
import type { DataFolderContext } from './data-folder-context.js';
import { keyCheckValues } from './encryption-key-checks.js';
import { moveAside } from './files/existing-data.js';
import { placementPath, removePlacement } from './files/stored-placement.js';
import { GenerationStores } from './generation-stores.js';
import { recordOf, requestedSpec } from './generations.js';
import { KnownDurability } from './known-durability.js';
import { withInterruptedMigrations, withRecordedMigration } from './migration-record.js';
import type { Placement } from './placement.js';
import { type PlacementChange, PlacementFile } from './placement-file.js';
import { SharedPlace } from './shared-place.js';
import { Staging } from './staging.js';

/** How many bytes files take at most for each byte of entries. */
const DISK_BYTES_PER_ENTRY_BYTE = 2;

/**
 * A project's data as generations of files in the data folder, of which its placement file says which one is current.
 */
export class LocalProjectStorage implements ProjectStorage {
  readonly #context: DataFolderContext;
  readonly #file: PlacementFile;
  readonly #stores: GenerationStores;
  readonly place: SharedPlace;
  readonly #staging: Staging;
  readonly #activation: Activation;
  readonly #damagedFiles: DamagedFiles;
  readonly #durability: KnownDurability;
  onUnavailable: (reason: AppError) => void = () => undefined;

  constructor(
    readonly project: string,
    context: DataFolderContext,
  ) {
    const { folder, log } = context;
    this.#context = context;
    this.#file = new PlacementFile(project, folder, context.shared);
    this.#stores = new GenerationStores(project, context, (reason) => this.onUnavailable(reason));
    this.#durability = new KnownDurability(project, this.#stores, log);
    this.place = new SharedPlace(project, this.#stores, this.#file, context.shared);
    this.#staging = new Staging(project, this.#stores, this.#file, context);
    this.#damagedFiles = new DamagedFiles(project, folder, this.#file, log);
    this.#activation = new Activation(this.#stores, this.#file, this.#damagedFiles, this.place);
  }

  get record(): StorageRecord {
    return recordOf(this.#placement);
  }

  get isDurable(): boolean {
    return this.#file.isDurable;
  }

  makeDurable(): Promise<void> {
    return this.#file.makeDurable();
  }

  /** What several servers share is where they noted that it is, whatever this one has seen of it. */
  async load(): Promise<boolean> {
    const isKnown = await this.#file.find();
    const shared = this.place.requireHere();
    if (shared === undefined) return isKnown;
    if (isKnown && this.#placement.generation === shared.generation) {
      this.#file.follow(shared);
      return true;
    }
    const version_floor = Math.max(Date.now() * 1000, isKnown ? this.#placement.version_floor : 0);
    await this.#file.write({ ...shared, configured: requestedSpec(shared), version_floor, deleted: false });
    return true;
  }

  async cleanUp(): Promise<void> {
    const { folder, listing } = this.#context;
    const paths = [placementPath(folder, this.project), ...(await this.#stores.paths(this.#placement))];
    await listing.removeLeftovers(paths).catch((error: unknown) => {
      throw diskError(error, `cannot tidy up in ${folder}`);
    });
  }

  async existing({ storage }: Project): Promise<readonly string[]> {
    this.#context.listing.forget();
    const paths = await this.#stores.existingData(requestedSpec(storage));
    return paths.map((path) => relative(this.#context.folder, path));
  }

  async moveAside({ storage }: Project): Promise<void> {
    const { folder, log } = this.#context;
    await moveAside(await this.#stores.existingData(requestedSpec(storage)), folder, log);
  }

  create(project: Project): Promise<void> {
    return createFresh(project, this.#stores, this.#file, this.#context.shared);
  }

  async adopt(project: Project): Promise<void> {
    if (this.#context.shared !== undefined) {
      throw new AppError('unavailable', `The registry does not say where the data of project '${this.project}' is`);
    }
    return adoptExisting(project, this.#stores, this.#file, this.#context.log);
  }

  async prepareReplacement(project: Project): Promise<void> {
    const isKnown = await this.load().catch((error: unknown) => {
      if (error instanceof DamagedDataError) return false;
      throw error;
    });
    if (!isKnown) this.#file.assume(await assumedPlacement(project, this.#stores, this.#damagedFiles));
  }

  async open(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore> {
    await this.#damagedFiles.putAside();
    const cipher = await this.#stores.cipherOf(this.#placement, movedKeys);
    if (cipher !== undefined) await this.#recordKey(cipher);
    const store = await this.#stores.open(this.#placement, listenerOf(cipher));
    // A crash may have come between the fence and the change of the placement. Another server may move the project now.
    if (!this.place.isShared) await this.#stores.unfence(this.#placement);
    // Says what is unsafe before the first request.
    await this.durability();
    return { store, cipher, checksLimit: await this.#stores.checksLimit(this.#placement) };
  }

  async openReadOnly(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore> {
    const cipher = await this.#stores.cipherOf(this.#placement, movedKeys);
    const store = await this.#stores.openReadOnly(this.#placement, listenerOf(cipher));
    return { store, cipher, checksLimit: await this.#stores.checksLimit(this.#placement) };
  }

  temporaryStore(): Store {
    return new MemoryStore();
  }

  durability(): Promise<Durability> {
    return this.#durability.of(this.#placement);
  }

  warnings(): readonly string[] {
    return this.#durability.warningsOf(this.#placement);
  }

  isOutdated({ storage }: Project): boolean {
    return JSON.stringify(requestedSpec(storage)) !== JSON.stringify(this.#placement.configured);
  }

  async requiresMigration(project: Project): Promise<boolean> {
    if (!this.isOutdated(project)) return false;
    return !(await this.#stores.needsNoMigration(this.#placement, requestedSpec(project.storage)));
  }

  async applySettings(project: Project): Promise<void> {
    if (!this.isOutdated(project) || (await this.requiresMigration(project))) return;
    const configured = requestedSpec(project.storage);
    await this.#change({ options: configured.options, configured });
    await this.#stores.applyOptions(this.#placement);
  }

  replacesInPlace(): Promise<boolean> {
    return this.#stores.replacesInPlace(this.#placement);
  }

  isShared(spec: StorageSpec): Promise<boolean> {
    return this.#stores.isShared({ ...requestedSpec(spec), generation: this.#placement.generation });
  }

  async requireSpace(spec: StorageSpec, bytes: number): Promise<void> {
    if (!(await this.#staging.usesDisk(requestedSpec(spec)))) return;
    await this.#context.space.requireFor(bytes * DISK_BYTES_PER_ENTRY_BYTE);
  }

  async stage(spec: StorageSpec, listenerOf: ListenerFactory): Promise<OpenedStore> {
    return this.place.stage(() => this.#staging.stage(requestedSpec(spec), listenerOf));
  }

  discardStaged(source?: Store): Promise<Discarded> {
    return this.place.discard(() => this.#staging.discard(source));
  }

  activateMigration(keepFor: number, done: Migration | undefined): Promise<ReleaseReplaced> {
    return this.#activation.activateMigration(keepFor, done);
  }

  activateReplacement(isDamaged: boolean): Promise<Replaced> {
    return this.#activation.activateReplacement(isDamaged);
  }

  translateError(error: unknown): Promise<unknown> {
    return fullDisk(error, this.#context.folder);
  }

  get canRevert(): boolean {
    return this.#activation.canRevert;
  }

  async openReverted(listenerOf: ListenerFactory, isDamaged: boolean): Promise<RevertedStore> {
    if (this.place.isShared && isDamaged) {
      throw new AppError('conflict', 'Other servers may have written since: restore a snapshot');
    }
    return this.place.stage(() => this.#activation.openReverted(listenerOf, isDamaged));
  }

  markWritten(): Promise<void> {
    return this.#activation.markWritten();
  }

  removeExpired(now: number, maintains: boolean): Promise<void> {
    return this.#activation.removeExpired(now, maintains);
  }

  async follow(): Promise<boolean> {
    return this.place.follow() && (await this.load());
  }

  undoInterrupted(now: number, maintains: boolean): Promise<boolean> {
    return this.place.undoInterrupted(this.#staging, now, maintains);
  }

  recordMigration(migration: Migration): Promise<void> {
    return this.#change(({ migrations }) => withRecordedMigration(migrations, migration));
  }

  async recordInterrupted(now: number): Promise<void> {
    const { migrations = [] } = this.#placement;
    if (this.place.isShared || !migrations.some(({ state }) => state === 'copying')) return;
    await this.#change(withInterruptedMigrations(migrations, now));
  }

  raiseVersionFloor(floor: number): Promise<void> {
    return this.#file.raiseVersionFloor(floor);
  }

  markDeleted(): Promise<void> {
    return this.#file.abandon();
  }

  unmarkDeleted(): Promise<void> {
    return this.#change({ deleted: false });
  }

  async removeData(): Promise<void> {
    // Another server made the project: only its own settings say that it is deleted.
    if (this.place.noted !== undefined) return;
    await this.#damagedFiles.putAside();
    const { preparing, kept = [] } = this.#placement;
    for (const generation of [this.#placement, ...kept, ...(preparing === undefined ? [] : [preparing])]) {
      await this.#stores.remove(generation);
    }
  }

  removeRecord(): Promise<void> {
    return removePlacement(this.#context.folder, this.project);
  }

  get #placement(): Placement {
    return this.#file.current;
  }

  #change(members: PlacementChange | ((now: Placement) => PlacementChange)): Promise<void> {
    return this.#file.change(members);
  }

  /** Records the key before anything is encrypted with it. */
  async #recordKey(cipher: Cipher): Promise<void> {
    const { keys = [] } = this.#placement;
    if (!keys.some(({ id }) => id === cipher.keyId)) await this.#change({ keys: keyCheckValues(cipher, keys) });
  }
}
