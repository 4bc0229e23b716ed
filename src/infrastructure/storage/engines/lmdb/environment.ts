import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import { AppError } from '../../../../domain/errors.js';
import { CorruptFileError } from './file-header.js';
import { type ExpiryKey, entryKeys, expiryKeys } from './key-codec.js';

/** One of lmdb's databases; `lastSize` is the length of what was read last. */
export type Table<Key extends string | ExpiryKey> = Omit<
  Database<Buffer, string>,
  'put' | 'remove' | 'getKeys' | 'getRange'
> & {
  readonly lastSize: number;
  put(key: Key, value: Buffer): unknown;
  remove(key: Key): unknown;
  /** An absent `start`, unlike one that is undefined, leaves out the keys that lmdb itself would never make. */
  getKeys(range: { start: Key | undefined }): Iterable<Key>;
  getRange(range: { start: Key | undefined }): Iterable<{ key: Key; value: Buffer }>;
};

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
}

/** Files that a write hangs in. lmdb would give out the same environment again, and with it the locks of that write. */
const hanging = new Set<string>();

/** The only file in the folder that holds data. */
export function dataFile(folder: string): string {
  return join(folder, 'data.mdb');
}

/**
 * Opens LMDB; what is in the folder must have been inspected, because a damaged file kills the process here. With
 * `create`, makes what is missing; otherwise throws `Damage`.
 *
 * - `overlappingSync: false`: with lmdb's default, commits are acknowledged that a failing disk loses, and readers see
 *   them before they are durable.
 * - No `mapSize`: the map starts small and grows with the data, so that nobody has to guess a limit.
 * - While it is open, opening it again would give the same environment, since LMDB's locks belong to the process.
 * - `noSubdir: false`: the folder's name has an extension, which lmdb would take for a file's.
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
  const place = new FilePlace(file);
  try {
    const tables = { entries: table<string>('entries', entryKeys), meta: table<string>('meta', entryKeys) };
    return {
      file,
      root,
      ...tables,
      expiry: table<ExpiryKey>('expiry', expiryKeys),
      commit: async (body) => {
        place.require();
        await commit(root, body);
        place.require();
      },
    };
  } catch (error) {
    void root.close();
    throw error;
  }
}

/** Notices that a file was taken away or cut while it is in use: what is written to it then would not be there after a restart. */
class FilePlace {
  readonly #file: string;
  readonly #inode: number;
  #size: number;

  constructor(file: string) {
    this.#file = file;
    const { ino, size } = statSync(file);
    this.#inode = ino;
    this.#size = size;
  }

  /** Throws where it was. */
  require(): void {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    if (found?.ino !== this.#inode) throw new CorruptFileError('the file was taken away while it was in use');
    if (found.size < this.#size) throw new CorruptFileError('the file was cut while it was in use');
    this.#size = found.size;
  }
}

/** Closes it, unless a write `isStuck` in it: then closing would hang, too, and stop the whole process. */
export async function closeEnvironment(env: Environment, isStuck: boolean): Promise<void> {
  if (isStuck) {
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
 * Nothing acknowledged is lost by that.
 */
async function commit(root: RootDatabase<Buffer, string>, body: () => void): Promise<void> {
  try {
    const committed = root.batch(body);
    takeTurnPromise(root);
    await committed;
  } catch (error) {
    throw await reason(error);
  }
}

/**
 * lmdb makes a second promise of each commit, for all writes of a turn, which would end the process if it failed and nobody took
 * it. It makes it in an immediate that is waiting by now.
 */
function takeTurnPromise(root: RootDatabase<Buffer, string>): void {
  setImmediate(() => void root.committed.then(nothing, nothing));
}

function nothing(): void {}

/** The error behind a failed commit. lmdb hands it over as a promise, which would end the process if nobody took it. */
async function reason(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  const cause = commitError.then(
    () => error,
    (it: unknown) => it,
  );
  return Promise.race([cause, setTimeout(500, error, { ref: false })]);
}
