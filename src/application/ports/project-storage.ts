import type { AppError } from '../../domain/errors.js';
import type { Migration } from '../../domain/migration.js';
import type { KeySource, Project } from '../../domain/project.js';
import type { Awaitable } from '../awaitable.js';
import type { Cipher } from './cipher.js';
import type { ExternalChangeListener } from './external-changes.js';
import type { Store } from './store.js';

/** An engine, its options and the encryption, as settings ask for them. */
export interface StorageSpec {
  readonly engine: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly encryption?: KeySource | undefined;
}

/** How safe a commit is that was acknowledged. */
export interface Durability {
  /** What a commit survives, or when it may be lost: continues a sentence. */
  readonly commit: string;
  /** Settings of a server that are unsafe or will not do, each in a line. Empty if there are none. */
  readonly warnings: readonly string[];
}

/** The durable record of a project's data. */
export interface StorageRecord extends StorageSpec {
  /** What the settings asked for when this was recorded; different settings require a migration. */
  readonly configured: StorageSpec;
  /** No version at or above it was issued yet; microseconds since 1970. */
  readonly versionFloor: number;
  /** Whether the project is being deleted. */
  readonly deleted: boolean;
  /** The last migrations, earliest first. */
  readonly migrations: readonly Migration[];
}

/** An engine's store as it keeps the entries, and the cipher for their values if they are encrypted. */
export interface OpenedStore {
  readonly store: Store;
  readonly cipher: Cipher | undefined;
  /** Whether its commits check `Batch.limit`, because others may commit there, too. */
  readonly checksLimit: boolean;
}

/** Makes the listener for what other programs do to a store whose values are encrypted with that cipher. */
export type ListenerFactory = (cipher: Cipher | undefined) => ExternalChangeListener;

/**
 * Call it after the last read of the store that was replaced: it allows its data to be removed, or puts damaged data
 * aside.
 */
export type ReleaseReplaced = () => Awaitable<void>;

/** What became of a store that was replaced. */
export interface Replaced {
  readonly release: ReleaseReplaced;
  /** The names, in the data folder, that the files of damaged data get. */
  readonly kept: readonly string[];
}

/**
 * What became of a store that was to be discarded. It is active if its activation was recorded, but the answer was
 * lost. It is unknown if that cannot be found out now, or if another server has decided it meanwhile: leave the
 * settings, too.
 */
export type Discarded = 'removed' | 'active' | 'unknown';

/** Where the data of a project is that several servers have. Without others, does only what one server needs. */
export interface ProjectPlace {
  /** Whether other servers may commit to the current data. */
  readonly hasOtherWriters: boolean;
  /** Has their commits refused with `StoreFencedError`, until the data is left or the staged store is discarded. */
  fence(): Promise<void>;
  /** Call it once a store that was activated is current here: resolves when it is at all servers. */
  settle(): Promise<void>;
  /** Whether another server has put the data elsewhere: call `follow`. */
  readonly isLeft: boolean;
  /** Called when that is noticed here, but not by other servers' changes of the settings, which call `follow`. */
  onLeft: () => void;
  /** Resolves when no other server reads where the data was before; until then nothing may be committed. */
  whenFollowed(): Promise<void>;
}

/**
 * Where one project's data is, and what can be done with it there. The durable record says which data is current, not
 * the settings: changing it, in one atomic step, is the switch to another engine, key or content. Changes reject with
 * `insufficient_storage` or `unavailable`; after that `isDurable` is whether a restart would find the record as it is
 * known here.
 */
export interface ProjectStorage {
  readonly project: string;
  /** Known after `load`, `create` or `adopt`. */
  readonly record: StorageRecord;
  /** False after a change of the record that failed and could not be undone: acknowledge nothing then. */
  readonly isDurable: boolean;
  /** Writes the record again if it is not durable. */
  makeDurable(): Promise<void>;
  /**
   * Called with the reason if data that was closed while it was idle cannot be opened again. Stores are closed and
   * opened without notice otherwise.
   */
  onUnavailable: (reason: AppError) => void;

  /** Reads the record; false if it does not exist. */
  load(): Promise<boolean>;
  /**
   * Removes what a crash left of files that were being written. Call it after the record is known, while the data is
   * not open.
   */
  cleanUp(): Promise<void>;
  /**
   * The names, in the data folder, of data that is there under the id of the project, or under one that differs only in
   * case: its record, stores of any engine, snapshots. Empty if `create` is in nothing's way.
   */
  existing(project: Project): Promise<readonly string[]>;
  /** Renames what `existing` names; rejects with `unavailable`. */
  moveAside(project: Project): Promise<void>;
  /** Creates an empty store for a new project; only if `existing` is empty. */
  create(project: Project): Promise<void>;
  /**
   * Takes over existing data, such as Simple-PyKV's files, for a configured project; creates an empty store if no data
   * exists.
   */
  adopt(project: Project): Promise<void>;

  /**
   * Call it instead of `load` and `adopt` if the data is damaged. If the record is missing or damaged, one is assumed:
   * it is not written before a store is activated, which puts all files aside that may be the project's.
   */
  prepareReplacement(project: Project): Promise<void>;

  /** Opens the current data. Encryption keys are looked for at their recorded source, then at `movedKeys`. */
  open(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore>;
  /** Like `open`, read-only: writes not a single byte. */
  openReadOnly(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore>;
  /** An empty store in memory, for content that is put in place by one commit. */
  temporaryStore(): Store;

  /** Of the current data; a server is asked if it was not a moment ago. Never rejects; says if it is unknown. */
  durability(): Promise<Durability>;
  /** The warnings that are known of the current data. The call has a server asked again now and then. */
  warnings(): readonly string[];

  /** Whether the settings ask for other storage than the recorded ones did. */
  isOutdated(project: Project): boolean;
  /** Whether data has to move for these settings. */
  requiresMigration(project: Project): Promise<boolean>;
  /** Applies settings that need no migration to the open store; does nothing if they need one. */
  applySettings(project: Project): Promise<void>;
  /** Whether new content is put into the current store by one commit, because other programs share its place. */
  replacesInPlace(): Promise<boolean>;

  /** Whether the place of `spec` is shared with other programs: its files are never put aside. */
  isShared(spec: StorageSpec): Promise<boolean>;

  /** Rejects with `insufficient_storage` if so many more bytes of entries do not fit at the place of `spec`. */
  requireSpace(spec: StorageSpec, bytes: number): Promise<void>;
  /** Creates an empty store at the place of `spec`, beside the current one. One at a time. */
  stage(spec: StorageSpec, listenerOf: ListenerFactory): Promise<OpenedStore>;
  /**
   * Removes a staged store, also one that an earlier process left; at a shared place only entries that are as in
   * `source`. It stays if it is current, although the call that activated it failed.
   */
  discardStaged(source?: Store): Promise<Discarded>;
  /**
   * Makes the staged store current after a migration and records that, in one step; keeps the previous store for
   * `keepFor` ms.
   */
  activateMigration(keepFor: number, done: Migration | undefined): Promise<ReleaseReplaced>;
  /**
   * Makes the staged store current with other content; the previous store is not kept. Its files are put aside if it
   * was damaged, and otherwise removed.
   */
  activateReplacement(isDamaged: boolean): Promise<Replaced>;
  /** The error for the client if filling a staged store failed: `insufficient_storage` if the disk is full. */
  translateError(error: unknown): Promise<unknown>;

  /** Whether the store before the last migration is still there and nothing was written since. */
  readonly canRevert: boolean;
  /**
   * Opens the store before the last migration. Rejects with `conflict` if it is gone. It is current once `activate`
   * resolves. With `isDamaged` it need only be there: the current data, whose files are put aside, may be newer.
   */
  openReverted(listenerOf: ListenerFactory, isDamaged: boolean): Promise<RevertedStore>;
  /** Records, before the first write after a migration, that it cannot be reverted any more. */
  markWritten(): Promise<void>;
  /** Removes kept stores whose time is over; those that several servers reach only if this one `maintains` them. */
  removeExpired(now: number, maintains: boolean): Promise<void>;

  /** The place of the data among several servers. */
  readonly place: ProjectPlace;
  /**
   * Takes over what another server has recorded. True if the data is in another place since: open it again. Rejects
   * with `OtherServerError` if this server cannot.
   */
  follow(): Promise<boolean>;
  /** Undoes what a server that ended had staged; the settings may still ask for it. False if there is nothing. */
  undoInterrupted(now: number, maintains: boolean): Promise<boolean>;

  recordMigration(migration: Migration): Promise<void>;
  /** Records migrations as failed that were interrupted by the end of a process. */
  recordInterrupted(now: number): Promise<void>;
  /** Reserves the versions below the floor. */
  raiseVersionFloor(floor: number): Promise<void>;

  /** Records that the project is being deleted; what this object is to record after that rejects with `not_found`. */
  markDeleted(): Promise<void>;
  /** Undoes `markDeleted`. */
  unmarkDeleted(): Promise<void>;
  /** Removes all data; remove the record after it. */
  removeData(): Promise<void>;
  removeRecord(): Promise<void>;
}

export interface RevertedStore extends OpenedStore {
  /** What the settings asked for when it was made. */
  readonly spec: StorageSpec;
  /** Makes it current and records the migration as undone, in one step. */
  activate(undone: Migration): Promise<Replaced>;
}

/** The storage of every project. */
export interface ProjectStorages {
  /** The storage of one project, not loaded yet. */
  of(project: string): ProjectStorage;
  /** The projects that have a record, deleted ones too. */
  list(): Promise<readonly string[]>;
  /** The projects whose record says that they are being deleted. */
  listDeleted(): Promise<readonly string[]>;
}
export const ProjectStorages = Symbol('ProjectStorages');
