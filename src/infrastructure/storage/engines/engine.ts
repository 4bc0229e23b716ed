import type { Awaitable } from '../../../application/awaitable.js';
import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Durability } from '../../../application/ports/project-storage.js';
import type { Store } from '../../../application/ports/store.js';
import type { Inspection } from '../building-blocks/inspection.js';
import type { EntryCheck, RepairResult } from '../building-blocks/repair-result.js';
import type { ClosedState } from '../on-demand/closed-state.js';
import type { Location } from './location.js';

/** What a folder under `engines/`, or a package, exports as `engine`. */
export interface Engine<Options extends object = object> {
  /** The class-validator class of `storage.options`; its defaults are the engine's. */
  readonly Options: new () => Options;
  /**
   * Options that say neither where nor how data is kept: a change needs no migration. An open store obeys their present
   * values.
   */
  readonly tuning?: readonly string[];
  /**
   * Opens the store that is there. Rejects with `unavailable`, naming file and cure, if it is missing or cannot be
   * read. The listener is notified of what other programs do to the data, if the engine lets them.
   */
  open(location: Location, options: Options, log: Logger, listener?: ExternalChangeListener): Promise<Store>;
  /** Makes an empty store, durably. Fails if one is there already. */
  create(location: Location, options: Options): Promise<void>;
  /** Removes what is kept there, durably, and nothing of others. Not an error if nothing is there. */
  remove(location: Location, options: Options): Promise<void>;
  /** For an engine that keeps data here: what a commit that was acknowledged survives; continues a sentence. */
  readonly durability?: string;
  /** For an engine that keeps data in files of this machine. */
  readonly localFiles?: LocalFiles<Options>;
  /** For an engine that keeps data on a server of another kind. */
  readonly server?: EngineServer<Options>;
  /** For an engine that records how a store was closed. */
  readonly cleanShutdown?: CleanShutdown<Options>;
  /** For an engine whose data can be inspected while no store is open. */
  readonly maintenance?: Maintenance<Options>;
}

/** The ability to keep data in files of this machine. */
export interface LocalFiles<Options extends object = object> {
  /**
   * The absolute paths that belong to a location, whether they exist or not. Without the first one there is no store.
   * Empty if all files there are shared with others.
   */
  paths(location: Location, options: Options): Awaitable<readonly string[]>;
  /**
   * Opens the store to be read only: not a byte is written until it is closed, nor by closing it. Rejects like `open`.
   * An engine without local files is asked to `open` instead.
   */
  openReadOnly(location: Location, options: Options, log: Logger, listener?: ExternalChangeListener): Promise<Store>;
  /**
   * Whether other content is put into the store by one commit instead of into a new store beside it: other programs
   * expect the files to stay where they are.
   */
  readonly replacesInPlace: boolean;
}

/**
 * The ability to say what the server keeps that has the data. Stores of such an engine check `Batch.limit`, and keep
 * the promises of stores that several nodes open; they have a `commitLog`.
 */
export interface EngineServer<Options extends object = object> {
  /** As the server is set now. Rejects with `unavailable` if it cannot be asked. */
  durability(options: Options): Promise<Durability>;
  /**
   * Refuses each commit to a store that is there with `StoreFencedError`, also of those that have it open or open it
   * later. A commit that was acknowledged is there before this resolves. Reads go on. `token` says whose fence it is:
   * rejects with `conflict` if there is one with another token, does nothing if there is one with the same.
   */
  fence(location: Location, options: Options, token: string): Promise<void>;
  /** The token of the fence; undefined if there is none. */
  fencedBy(location: Location, options: Options): Promise<string | undefined>;
  /** Takes a fence away if it has that token, as the server decides in one step; else does nothing. */
  unfence(location: Location, options: Options, token: string): Promise<void>;
}

/** The ability to know a store that was closed, so that it need not be opened before it is used. */
export interface CleanShutdown<Options extends object = object> {
  /** What is known of a store that was closed in good order and is unchanged since; undefined if it must be opened. */
  closedState(location: Location, options: Options): Promise<ClosedState | undefined>;
}

/** The ability to check data, and to save what can be read of it, while no store is open. */
export interface Maintenance<Options extends object = object> {
  /**
   * Checks everything that is stored and writes nothing: opening a store may finish or cut off what a crash left. Adds
   * what it finds to the inspection, or throws what it cannot read.
   */
  inspect(location: Location, options: Options, inspection: Inspection): Promise<void>;
  /**
   * Replaces a damaged store by what can be read of it, and keeps the damaged files. Rejects with `unavailable` if
   * nothing can be read there.
   */
  repair(location: Location, options: Options, check: EntryCheck): Promise<RepairResult>;
}
