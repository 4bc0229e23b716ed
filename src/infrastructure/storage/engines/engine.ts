import type { Awaitable } from '../../../application/awaitable.js';
import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import type { Inspection } from '../building-blocks/inspection.js';
import type { EntryCheck, RepairResult } from '../building-blocks/repair-result.js';

/** Where one generation of a project's data lies. */
export interface Place {
  /** The data folder, absolute; it exists. */
  readonly folder: string;
  /** The first part of every file name: the project's id, later generations `id.2`, `id.3`. Safe as a file name. */
  readonly name: string;
}

/** What a folder under `storage/` exports as `engine`. */
export interface Engine<Options extends object = object> {
  /** The class-validator class of `storage.options`; its defaults are the engine's. */
  readonly Options: new () => Options;
  /**
   * Opens what is there. Rejects with `unavailable`, naming file and cure, when it is missing or cannot be read. `others` hears what other
   * programs do to it, where the engine lets them.
   */
  open(place: Place, options: Options, log: Logger, others?: ExternalChangeListener): Promise<Store>;
  /**
   * Opens what is there to be read only, and writes not a byte until it is closed, nor at that. Rejects like `open`. An engine without it
   * cannot be opened so.
   */
  read?(place: Place, options: Options, log: Logger, others?: ExternalChangeListener): Promise<Store>;
  /** Makes an empty store, durably. Fails where a file is there already. */
  create(place: Place, options: Options): Promise<void>;
  /** The absolute paths that this engine keeps at a place, whether they exist or not; without the first one there is no store. */
  files(place: Place, options: Options): Awaitable<readonly string[]>;
  /** Options that do not say where or how data is kept: to change them needs no move. An open store obeys what its options say now. */
  readonly tuning?: readonly string[];
  /** Others look for entries where they are: other content is put there by one commit, instead of a store beside it. */
  readonly inPlace?: true;
  /** Removes what it keeps at a place, and nothing of others; without it `files` are removed, with all that is in them. */
  remove?(place: Place, options: Options): Promise<void>;
  /**
   * Looks at all files of a store that nobody has open, and writes none: opening it may finish or cut off what a crash left. Adds to
   * `findings` what it saw, or throws what it cannot read. An engine without it is not looked at.
   */
  examine?(place: Place, options: Options, findings: Inspection): Promise<void>;
  /**
   * Recovers what can be read of a damaged store and keeps the damaged files. Rejects with `unavailable` where nothing is there to be read.
   * An engine without it cannot be repaired.
   */
  repair?(place: Place, options: Options, unsound: EntryCheck): Promise<RepairResult>;
}
