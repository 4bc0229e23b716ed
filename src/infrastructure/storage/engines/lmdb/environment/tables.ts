import { type Database, open, type RootDatabase } from 'lmdb';
import { CorruptFileError } from '../pages/file-header.js';
import { type ExpiryKey, entryKeys, expiryKeys } from './key-codec.js';

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

/** LMDB's databases of one project. */
export interface Tables {
  readonly root: RootDatabase<Buffer, string>;
  readonly entries: Table<string>;
  /** Keys only: which entries expire, earliest first. */
  readonly expiry: Table<ExpiryKey>;
  readonly meta: Table<string>;
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
export function openTables(folder: string, create: boolean, readOnly: boolean): Tables {
  const options = { encoding: 'binary', overlappingSync: false, noSubdir: false, maxDbs: 4, readOnly } as const;
  const root = open<Buffer, string>({ path: folder, ...options, ...{ permissionsMode: 0o600 } });
  const table = <Key extends string | ExpiryKey>(name: string, keyEncoder: object) => {
    const opened = root.openDB<Buffer, string>({ name, encoding: 'binary', ...{ keyEncoder, create } });
    if (opened === undefined) throw new CorruptFileError(`the table ${name} is missing`);
    return opened as unknown as Table<Key>;
  };
  try {
    const [entries, meta] = [table<string>('entries', entryKeys), table<string>('meta', entryKeys)];
    return { root, entries, meta, expiry: table<ExpiryKey>('expiry', expiryKeys) };
  } catch (error) {
    void root.close();
    throw error;
  }
}
