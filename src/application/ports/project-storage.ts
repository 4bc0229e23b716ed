import type { Migration } from '../../domain/migration.js';
import type { KeySource, Project } from '../../domain/project.js';
import type { Cipher } from './cipher.js';
import type { ExternalChangeListener } from './external-changes.js';
import type { Store } from './store.js';

/** An engine, its options and the encryption, as settings ask for them. */
export interface StorageSpec {
  readonly engine: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly encryption?: KeySource | undefined;
}

/** What is recorded of a project's data, durably. */
export interface StorageRecord extends StorageSpec {
  /** What settings asked for when it was recorded; settings that differ ask for a migration. */
  readonly configured: StorageSpec;
  /** No version at or above it was issued before; microseconds since 1970. */
  readonly versionFloor: number;
  /** The project is being deleted: its data has to go. */
  readonly deleted: boolean;
  /** The last migrations, earliest first. */
  readonly migrations: readonly Migration[];
}

/** An engine's store as it keeps the entries, and the cipher for their values if they are encrypted. */
export interface OpenedStore {
  readonly store: Store;
  readonly cipher: Cipher | undefined;
}

/** Makes the listener for what other programs do to a store whose values are encrypted with that cipher. */
export type ListenerFactory = (cipher: Cipher | undefined) => ExternalChangeListener;

/** Call it after the last read of the store that was replaced: its data may go from then on. */
export type ReleaseReplaced = () => void;

/**
 * Where one project's data is, durably, and what can be done with it there. The record says which data is current, not the
 * settings: a change of it is one atomic step, and is the switch to another engine, key or content. Changes reject with
 * `insufficient_storage` or `unavailable`, and after that `isDurable` tells if a restart would find the record as it is known.
 */
export interface ProjectStorage {
  readonly project: string;
  /** Known after `load`, `create` or `adopt`. */
  readonly record: StorageRecord;
  /** False after a change of the record that failed and could not be undone: nothing may be acknowledged then. */
  readonly isDurable: boolean;
  /** Writes the record again if it is not durable. */
  makeDurable(): Promise<void>;

  /** Reads the record; false if there is none. */
  load(): Promise<boolean>;
  /** Removes what a crash left of a record that was being written; only while no other process uses it. */
  cleanUp(): Promise<void>;
  /** Makes an empty store for a new project. */
  create(project: Project): Promise<void>;
  /** Takes over data that exists already, such as Simple-PyKV's files, for a configured project; makes an empty store if there is none. */
  adopt(project: Project): Promise<void>;

  /** Opens the current data. Encryption keys are looked for at their recorded source, then at `movedKeys`. */
  open(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore>;
  /** The same read-only: not a byte is written. */
  openReadOnly(listenerOf: ListenerFactory, movedKeys?: KeySource): Promise<OpenedStore>;
  /** An empty store in memory, for content that is put in place by one commit. */
  temporaryStore(): Store;

  /** Whether settings ask for something else than what was last asked for. */
  isOutdated(project: Project): boolean;
  /** Whether data has to move for these settings. */
  requiresMigration(project: Project): Promise<boolean>;
  /** Applies settings that need no migration to the open store; nothing if they need one. */
  applySettings(project: Project): Promise<void>;
  /** Whether new content is put into the current store by one commit, because other programs share its place. */
  replacesInPlace(): Promise<boolean>;

  /** Rejects with `insufficient_storage` if so many bytes of entries do not fit at the place of `spec` beside what is there. */
  requireSpace(spec: StorageSpec, bytes: number): Promise<void>;
  /** Makes an empty store at the place of `spec`, beside the current one. One at a time. */
  stage(spec: StorageSpec, listenerOf: ListenerFactory): Promise<OpenedStore>;
  /** Removes what was staged, or left by a process that ended; at a shared place only entries that are as in `source`. */
  discardStaged(source?: Store): Promise<void>;
  /** Makes the staged store current after a migration, which is recorded in the same step; the one before is kept for `keepFor` ms. */
  activateMigration(keepFor: number, done: Migration | undefined): Promise<ReleaseReplaced>;
  /** Makes the staged store current with other content; the one before is not kept. */
  activateReplacement(): Promise<ReleaseReplaced>;
  /** What an error met while filling a staged store means: `insufficient_storage` if the disk is full. */
  translateError(error: unknown): Promise<unknown>;

  /** Whether the store before the last migration is still there and nothing was written since. */
  readonly canRevert: boolean;
  /** Opens the store before the last migration; `conflict` if there is none to go back to. It is current once `activate` resolves. */
  openReverted(listenerOf: ListenerFactory): Promise<RevertedStore>;
  /** Records, before the first write after a migration, that it cannot be reverted any more. */
  markWritten(): Promise<void>;
  /** Removes stores that were kept for a time that is over. */
  removeExpired(now: number): Promise<void>;

  recordMigration(migration: Migration): Promise<void>;
  /** Records migrations as failed that the end of a process interrupted. */
  recordInterrupted(now: number): Promise<void>;
  /** Reserves versions below the floor. */
  raiseVersionFloor(floor: number): Promise<void>;

  /** Records that the project is being deleted; nothing is recorded from this object after that. */
  markDeleted(): Promise<void>;
  /** Undoes `markDeleted`. */
  unmarkDeleted(): Promise<void>;
  /** Removes all data, then, with `removeRecord`, the record. */
  removeData(): Promise<void>;
  removeRecord(): Promise<void>;
}

export interface RevertedStore extends OpenedStore {
  /** Makes it current and records the migration as undone, in one step. */
  activate(undone: Migration): Promise<ReleaseReplaced>;
}

/** The storage of every project. */
export interface ProjectStorages {
  /** Not loaded yet. */
  of(project: string): ProjectStorage;
  /** The projects that have a record, deleted ones too. */
  list(): Promise<readonly string[]>;
}
export const ProjectStorages = Symbol('ProjectStorages');
