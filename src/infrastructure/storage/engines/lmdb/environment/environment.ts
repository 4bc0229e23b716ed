import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import { AppError } from '../../../../../domain/errors.js';
import { CorruptFileError } from '../pages/file-header.js';
import { type ExpiryKey, entryKeys, expiryKeys } from './key-codec.js';
import { formatMetadata, METADATA_KEY } from './metadata.js';

/** One of lmdb's databases; `lastSize` is the length of what was read last. */
export type Table<Key extends string | ExpiryKey> = Omit<
  Database<Buffer, string>,
  'put' | 'remove' | 'getKeys' | 'getRange' | 'getStats'
> & {
  readonly lastSize: number;
  put(key: Key, value: Buffer): unknown;
  remove(key: Key): unknown;
  getKeys(range: Seek<Key>): Iterable<Key>;
  getRange(range: Seek<Key>): Iterable<{ key: Key; value: Buffer }>;
  getStats(): TreeStats;
};

/** How many pages a table has. */
export interface TreeStats {
  readonly treeDepth: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}

/**
 * From the first key that is not before `start` on or, in reverse, from the last one that is not after it. Without a
 * bound, unlike with one that is undefined, lmdb takes a key that it would make itself.
 */
export type Seek<Key> =
  | { readonly start: Key | undefined }
  | { readonly start: Key | undefined; readonly end: undefined; readonly reverse: boolean };

/** The open databases of one project. */
export interface Environment {
  readonly file: string;
  readonly root: RootDatabase<Buffer, string>;
  readonly entries: Table<string>;
  /** Keys only: which entries expire, earliest first. */
  readonly expiry: Table<ExpiryKey>;
  readonly meta: Table<string>;
  /** Runs the writes of `body`, on all tables, as one transaction, and resolves when it is durable. */
  commit(body: () => void): Promise<void>;
  /** Throws `CorruptFileError` if the file in use was removed or cut; else returns what it takes on the disk. */
  requireInPlace(): Pick<Stats, 'size' | 'blocks'>;
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

/**
 * Opens LMDB. What is in the folder must have been checked, because a damaged file kills the process here. With
 * `create`, makes what is missing; otherwise throws `CorruptFileError`.
 *
 * - `overlappingSync: false`: with lmdb's default, commits are acknowledged that a failing disk loses, and readers see
 *   them before they are durable.
 * - No `mapSize`: the map starts small and grows with the data, so that no limit has to be guessed.
 * - While it is open, opening it again would return the same environment, since LMDB's locks belong to the process.
 * - `noSubdir: false`: the folder's name has an extension, which lmdb would take for that of a file.
 */
export function openEnvironment(folder: string, create: boolean, readOnly = false): Environment {
  const file = dataFile(folder);
  if (hanging.has(file)) throw hangs(file);
  const options = { encoding: 'binary', overlappingSync: false, noSubdir: false, maxDbs: 4, readOnly } as const;
  const root = open<Buffer, string>({ path: folder, ...options, ...{ permissionsMode: 0o600 } });
  const table = <Key extends string | ExpiryKey>(name: string, keyEncoder: object) => {
    const opened = root.openDB<Buffer, string>({ name, encoding: 'binary', ...{ keyEncoder, create } });
    if (opened === undefined) throw new CorruptFileError(`the table ${name} is missing`);
    return opened as unknown as Table<Key>;
  };
  const guard = new FileGuard(file);
  try {
    const tables = { entries: table<string>('entries', entryKeys), meta: table<string>('meta', entryKeys) };
    return {
      file,
      root,
      ...tables,
      expiry: table<ExpiryKey>('expiry', expiryKeys),
      commit: async (body) => {
        guard.requireInPlace();
        await commit(root, body);
        root.resetReadTxn();
        guard.requireInPlace();
      },
      requireInPlace: () => guard.requireInPlace(),
    };
  } catch (error) {
    void root.close();
    throw error;
  }
}

/** Makes an environment without entries in a folder that exists; frames of a journal are numbered after `sequence`. */
export async function createEnvironment(folder: string, sequence = 0): Promise<Environment> {
  const env = openEnvironment(folder, true);
  await env.commit(() => env.meta.put(METADATA_KEY, formatMetadata({ keys: 0, bytes: 0, hasMeta: false, sequence })));
  return env;
}

/** Detects that a file in use was removed or cut: what is written to it after that would be lost after a restart. */
class FileGuard {
  readonly #file: string;
  readonly #inode: number;
  #size: number;

  constructor(file: string) {
    this.#file = file;
    const { ino, size } = statSync(file);
    this.#inode = ino;
    this.#size = size;
  }

  /** Throws `CorruptFileError` if it was. */
  requireInPlace(): Stats {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    if (found?.ino !== this.#inode) throw new CorruptFileError('the file was taken away while it was in use');
    if (found.size < this.#size) throw new CorruptFileError('the file was cut while it was in use');
    this.#size = found.size;
    return found;
  }
}

/** Closes it, unless a write hangs in it: then closing would hang, too, and stop the whole process. */
export async function closeEnvironment(env: Environment, writeHangs: boolean): Promise<void> {
  if (writeHangs) {
    hanging.add(env.file);
    throw hangs(env.file);
  }
  await env.root.close();
}

function hangs(file: string): AppError {
  return new AppError('unavailable', `${file}: a write hangs; only a restart can free it`, {
    details: { file, hangs: true },
  });
}

/**
 * A write that fails may still end the process: lmdb 3.5.6 formats its message into a buffer that is a few bytes short.
 * Nothing acknowledged is lost then.
 */
async function commit(root: RootDatabase<Buffer, string>, body: () => void): Promise<void> {
  try {
    const committed = root.batch(body);
    handleTurnPromise(root);
    await committed;
  } catch (error) {
    throw await causeOf(error);
  }
}

/**
 * lmdb makes a second promise for each commit, for all writes of a turn, whose unhandled rejection would end the
 * process. It makes it in an immediate that is scheduled by now.
 */
function handleTurnPromise(root: RootDatabase<Buffer, string>): void {
  setImmediate(() => void root.committed.then(nothing, nothing));
}

function nothing(): void {}

/** The cause of a failed commit. lmdb passes it as a promise, whose unhandled rejection would end the process. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  const cause = commitError.then(
    () => error,
    (it: unknown) => it,
  );
  return Promise.race([cause, setTimeout(500, error, { ref: false })]);
}
