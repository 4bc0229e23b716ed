import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { AppError } from '../../../../../domain/errors.js';
import { FileGuard } from './file-guard.js';
import type { ExpiryKey } from './key-codec.js';
import { formatMetadata, METADATA_KEY } from './metadata.js';
import { openTables, type Table, type Tables } from './tables.js';
import { runTransaction } from './transaction.js';

/** The open databases of one project. */
export interface Environment extends Tables {
  readonly file: string;
  /** Not while LMDB is opened again, nor after that failed, nor after a write of a meta page failed. */
  readonly isReadable: boolean;
  /** Set once a transaction failed: LMDB must not write before it is opened again. */
  readonly hasFailed: boolean;
  /** Runs the writes of `body`, on all tables, as one transaction, and resolves when it is durable. */
  commit(body: () => void): Promise<void>;
  /** Throws `CorruptFileError` if the file in use was removed or cut; else returns what it takes on the disk. */
  requireInPlace(): Pick<Stats, 'size' | 'blocks'>;
  /** The same before reads, once a turn: in a page that was cut off no key is found, or it ends the process. */
  requireInPlaceForReads(): void;
  /** The file was made larger for good. */
  grew(): void;
  /** Returns false, from now on, if this is the error of a read after the write of a meta page failed. */
  staysReadable(error: unknown): boolean;
  /** Closes the files and opens them, which must have been checked, again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Files with a write that hangs. lmdb would return the same environment again, and with it the locks of that write. */
const hanging = new Set<string>();

/** The only file with data in the folder beside the journal. */
export function dataFile(folder: string): string {
  return join(folder, 'data.mdb');
}

/** The folder of the journal, which is there while it has frames that LMDB has not. */
export function journalFolder(folder: string): string {
  return join(folder, 'journal');
}

/** Opens LMDB, as `openTables` does. */
export function openEnvironment(folder: string, create: boolean, readOnly = false): Environment {
  return new LmdbEnvironment(folder, create, readOnly);
}

/** An environment whose databases are others after it was opened again. */
export class LmdbEnvironment implements Environment {
  readonly file: string;
  root: RootDatabase<Buffer, string>;
  entries: Table<string>;
  expiry: Table<ExpiryKey>;
  meta: Table<string>;
  isReadable = true;
  hasFailed = false;
  #isOpen = true;
  readonly #folder: string;
  readonly #guard: FileGuard;

  constructor(folder: string, create: boolean, readOnly: boolean) {
    this.file = dataFile(folder);
    this.#folder = folder;
    const { root, entries, expiry, meta } = this.#openTables(create, readOnly);
    [this.root, this.entries, this.expiry, this.meta] = [root, entries, expiry, meta];
    this.#guard = new FileGuard(this.file);
  }

  async commit(body: () => void): Promise<void> {
    this.#guard.requireInPlace();
    try {
      await runTransaction(this.root, body);
    } catch (error) {
      this.hasFailed = true;
      this.#tryToRead();
      throw error;
    }
    this.root.resetReadTxn();
    this.#guard.grew();
  }

  requireInPlace(): Stats {
    return this.#guard.requireInPlace();
  }

  requireInPlaceForReads(): void {
    this.#guard.requireInPlaceForReads();
  }

  grew(): void {
    this.#guard.grew();
  }

  staysReadable(error: unknown): boolean {
    if (error instanceof Error && error.message.includes('MDB_PANIC')) this.isReadable = false;
    return this.isReadable;
  }

  async reopen(): Promise<void> {
    this.isReadable = false;
    await this.close();
    this.#guard.requireInPlace();
    const { root, entries, expiry, meta } = this.#openTables(false, false);
    [this.root, this.entries, this.expiry, this.meta] = [root, entries, expiry, meta];
    [this.#isOpen, this.isReadable, this.hasFailed] = [true, true, false];
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.root.close();
  }

  #openTables(create: boolean, readOnly: boolean): Tables {
    if (hanging.has(this.file)) throw hangs(this.file);
    return openTables(this.#folder, create, readOnly);
  }

  #tryToRead(): void {
    try {
      this.root.resetReadTxn();
      this.meta.getBinary(METADATA_KEY);
    } catch (error) {
      this.staysReadable(error);
    }
  }
}

/** Makes an environment without entries in a folder that exists; frames of a journal are numbered after `sequence`. */
export async function createEnvironment(folder: string, sequence = 0): Promise<Environment> {
  const env = openEnvironment(folder, true);
  await env.commit(() => env.meta.put(METADATA_KEY, formatMetadata({ keys: 0, bytes: 0, hasMeta: false, sequence })));
  return env;
}

/**
 * A failed commit may have left something in the older meta page: a commit that changes nothing writes that page again.
 */
export async function rewriteOlderMetaPage(env: Environment): Promise<void> {
  const metadata = env.meta.getBinary(METADATA_KEY);
  if (metadata !== undefined) await env.commit(() => env.meta.put(METADATA_KEY, Buffer.from(metadata)));
}

/** Closes it, unless a write hangs in it: then closing would hang, too, and stop the whole process. */
export async function closeEnvironment(env: Environment, writeHangs: boolean): Promise<void> {
  if (writeHangs) {
    hanging.add(env.file);
    throw hangs(env.file);
  }
  await env.close();
}

function hangs(file: string): AppError {
  return new AppError('unavailable', `${file}: a write hangs; only a restart can free it`, {
    details: { file, hangs: true },
  });
}
