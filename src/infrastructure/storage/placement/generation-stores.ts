import type { Cipher, Ciphers } from '../../../application/ports/cipher.js';
import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Durability, ListenerFactory, OpenedStore } from '../../../application/ports/project-storage.js';
import type { Store } from '../../../application/ports/store.js';
import { AppError } from '../../../domain/errors.js';
import type { KeySource } from '../../../domain/project.js';
import type { FileSystem } from '../../files/file-system.js';
import type { SegmentReserve } from '../building-blocks/journal/segment-reserve.js';
import type { Engine } from '../engines/engine.js';
import type { Location } from '../engines/location.js';
import { engineNamed, localEngineNames, optionsOf } from '../engines/registry.js';
import { OnDemandStore } from '../on-demand/on-demand-store.js';
import type { StorePool } from '../on-demand/store-pool.js';
import { cipherWith, keyCheckValues } from './encryption-key-checks.js';
import { existingData } from './files/existing-data.js';
import type { FolderListing } from './files/folder-listing.js';
import { existingFiles, laterFiles, localPaths } from './files/project-files.js';
import type { GenerationSpec, Placement, StorageSpec } from './placement.js';

/** Makes, opens and removes the stores of one project, each a generation of files of some engine. */
export class GenerationStores {
  readonly #project: string;
  readonly #folder: string;
  readonly #ciphers: Ciphers;
  readonly #log: Logger;
  readonly #fileSystem: FileSystem | undefined;
  readonly #pool: StorePool;
  readonly #listing: FolderListing;
  readonly #reserve: SegmentReserve;
  readonly #onUnavailable: (reason: AppError) => void;
  /** The options that open stores obey, by generation. */
  readonly #obeyed = new Map<number, object>();

  /** `onUnavailable` is called if a store was closed while idle and cannot be opened again. */
  constructor(project: string, context: StoresContext, onUnavailable: (reason: AppError) => void) {
    this.#project = project;
    this.#folder = context.folder;
    this.#ciphers = context.ciphers;
    this.#log = context.log;
    this.#pool = context.pool;
    this.#listing = context.listing;
    this.#reserve = context.reserve;
    this.#fileSystem = context.fileSystem;
    this.#onUnavailable = onUnavailable;
  }

  /** The paths of its files, whether they exist or not. */
  async paths(generation: GenerationSpec): Promise<readonly string[]> {
    const { engine, location, options } = await this.#at(generation);
    return localPaths(engine, location, options);
  }

  /** Its files that exist. */
  async existingFiles(generation: GenerationSpec): Promise<string[]> {
    const { engine, location, options } = await this.#at(generation);
    return existingFiles(engine, location, options);
  }

  /** Files of any engine that are of a later generation than the first. */
  laterFiles(): Promise<string[]> {
    return laterFiles(this.#listing, this.#project);
  }

  /** False if nothing in the data folder is named after the project, nor was a second ago. */
  async mayHaveFiles(): Promise<boolean> {
    return (await this.#listing.startingWith(this.#project)).length > 0;
  }

  /** What lies in the data folder under the name of the project, for this store or any other. */
  async existingData(wish: StorageSpec): Promise<string[]> {
    const first = [
      { ...wish, generation: 1 },
      ...localEngineNames.map((engine) => ({ engine, options: {}, generation: 1 })),
    ];
    const paths: string[] = [];
    for (const one of first) {
      const { engine, location, options } = await this.#at(one);
      paths.push(...(await localPaths(engine, location, options)));
    }
    return existingData(this.#folder, this.#project, paths);
  }

  /** Makes an empty store. */
  async create(generation: GenerationSpec): Promise<void> {
    const { engine, location, options } = await this.#at(generation);
    await engine.create(location, options);
  }

  /**
   * The listener is notified of what other programs do to the store. One in files of this machine is closed while it
   * is idle.
   */
  async open(generation: GenerationSpec, listener?: ExternalChangeListener): Promise<Store> {
    const { engine, location, options } = await this.#at(generation);
    const [project, pool, log, onUnavailable] = [this.#project, this.#pool, this.#log, this.#onUnavailable];
    const open = (to?: ExternalChangeListener) => engine.open(location, options, log, to);
    const { localFiles, cleanShutdown } = engine;
    if (localFiles !== undefined) await this.#reserve.keep();
    const closedState = () => cleanShutdown?.closedState(location, options) ?? Promise.resolve(undefined);
    const store =
      localFiles === undefined
        ? await open(listener)
        : await OnDemandStore.open({ project, pool, log, open, closedState, onUnavailable }, listener);
    this.#obeyed.set(generation.generation, options);
    return store;
  }

  /** Opens it to be read only: not a byte is written. */
  async openReadOnly(generation: GenerationSpec, listener: ExternalChangeListener): Promise<Store> {
    const { engine, location, options } = await this.#at(generation);
    const { localFiles } = engine;
    // Without files here, nothing is written by opening the store.
    if (localFiles === undefined) return engine.open(location, options, this.#log, listener);
    return localFiles.openReadOnly(location, options, this.#log, listener);
  }

  /** Rejects with `conflict` if entries are there already, as at a place that other programs share. */
  async openEmpty(generation: GenerationSpec, listenerOf: ListenerFactory): Promise<OpenedStore> {
    const cipher = await this.cipherOf(generation);
    const store = await this.open(generation, listenerOf(cipher));
    const { keys } = await store.size();
    if (keys === 0) return { store, cipher, checksLimit: await this.checksLimit(generation) };
    await store.close();
    throw new AppError('conflict', `There are ${keys} entries already where the data should go`);
  }

  async remove(generation: GenerationSpec): Promise<void> {
    const { engine, location, options } = await this.#at(generation);
    await engine.remove(location, options);
  }

  /** Whether other content is put into it by one commit. */
  async replacesInPlace({ engine }: GenerationSpec): Promise<boolean> {
    return (await engineNamed(engine)).localFiles?.replacesInPlace === true;
  }

  /** Whether commits check `Batch.limit`. */
  async checksLimit({ engine }: StorageSpec): Promise<boolean> {
    return (await engineNamed(engine)).server !== undefined;
  }

  /** Whether it lies where others may have put entries of their own, and no files are removed. */
  async isShared(generation: GenerationSpec): Promise<boolean> {
    return (await this.replacesInPlace(generation)) && !(await this.hasFiles(generation));
  }

  /** Whether the wish differs in nothing but options that need no move. */
  async needsNoMigration({ engine, options, encryption }: GenerationSpec, wish: StorageSpec): Promise<boolean> {
    if (engine !== wish.engine || JSON.stringify(encryption) !== JSON.stringify(wish.encryption)) return false;
    const { tuning = [] } = await engineNamed(engine);
    const changed = Object.keys({ ...options, ...wish.options }).filter(
      (name) => JSON.stringify(options[name]) !== JSON.stringify(wish.options[name]),
    );
    return changed.every((name) => tuning.includes(name));
  }

  /** Has the open store follow options that need no move. */
  async applyOptions({ engine, options, generation }: GenerationSpec): Promise<void> {
    Object.assign(this.#obeyed.get(generation) ?? {}, optionsOf(await engineNamed(engine), options));
  }

  /** Undefined if the generation is not encrypted. Keys are looked for where they were, then at `moved`. */
  async cipherOf({ encryption, keys = [] }: GenerationSpec, moved?: KeySource): Promise<Cipher | undefined> {
    if (encryption === undefined) return undefined;
    const first = cipherWith(this.#ciphers, this.#project, encryption, keys);
    if (moved === undefined) return first;
    return first.catch(() => cipherWith(this.#ciphers, this.#project, moved, keys));
  }

  /** What is noted of the key that a new generation is sealed with; nothing if it is not encrypted. */
  async newKeys({ encryption }: StorageSpec): Promise<Pick<Placement, 'keys'>> {
    if (encryption === undefined) return {};
    return { keys: keyCheckValues(await this.#ciphers.of(this.#project, encryption)) };
  }

  /** Whether it keeps anything in files of its own. */
  async hasFiles(generation: GenerationSpec): Promise<boolean> {
    const { engine, location, options } = await this.#at(generation);
    return (await localPaths(engine, location, options)).length > 0;
  }

  /** Refuses commits to it, if others may have it open; see `EngineServer`. */
  async fence(generation: GenerationSpec, token: string): Promise<void> {
    const { engine, location, options } = await this.#at(generation);
    await engine.server?.fence(location, options, token);
  }

  /** Takes the fence away that is there, unless `requireAllowed`, which runs once that is known, rejects. */
  async unfence(generation: GenerationSpec, requireAllowed?: () => Promise<void>): Promise<void> {
    const { engine, location, options } = await this.#at(generation);
    const token = await engine.server?.fencedBy(location, options);
    if (token === undefined) return;
    await requireAllowed?.();
    await engine.server?.unfence(location, options, token);
  }

  /** A server is asked: rejects with `unavailable` if it cannot be. */
  async durability(generation: GenerationSpec): Promise<Durability> {
    const { engine, options } = await this.#at(generation);
    if (engine.server !== undefined) return engine.server.durability(options);
    return { commit: engine.durability ?? 'is as safe as its engine makes it, which does not say', warnings: [] };
  }

  async #at({ engine: name, options, generation }: GenerationSpec): Promise<Opened> {
    const engine = await engineNamed(name);
    const [project, folder, fileSystem, reserve] = [this.#project, this.#folder, this.#fileSystem, this.#reserve];
    const location = { project, generation, folder, fileSystem, reserve };
    return { engine, location, options: optionsOf(engine, options) };
  }
}

/** What the stores of a data folder share. */
interface StoresContext {
  readonly folder: string;
  readonly ciphers: Ciphers;
  readonly log: Logger;
  readonly pool: StorePool;
  readonly listing: FolderListing;
  readonly reserve: SegmentReserve;
  readonly fileSystem?: FileSystem | undefined;
}

interface Opened {
  readonly engine: Engine;
  readonly location: Location;
  readonly options: object;
}
