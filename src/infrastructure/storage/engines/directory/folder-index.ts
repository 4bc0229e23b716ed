import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as eventsHandled } from 'node:timers/promises';
import type { ExternalChangeListener } from '../../../../application/ports/external-changes.js';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { type FileChange, isEntryFile, readEntryFile, stampOf } from './entry-file.js';
import type { FileNames } from './file-name.js';

/** Files that are checked before other work can run. */
const FILES_AT_ONCE = 100;

/** What was found in a file when it was last checked. */
interface IndexedFile {
  readonly stamp: string;
  /** Undefined if the file cannot be read. */
  readonly key: string | undefined;
  readonly problem: string | undefined;
  /** The entry that the listener knows: what the file held before, if it cannot be read. */
  readonly reported: ReportedEntry | undefined;
}

type ReportedEntry = Pick<Entry, 'key' | 'version' | 'expiresAt'>;

/** The folder of an index, and how its file system names files. */
export interface IndexedFolder {
  readonly folder: string;
  readonly names: FileNames;
  readonly ignoresCase: boolean;
}

/** What the files of a folder held when each was last checked. Writes nothing there. */
export class FolderIndex {
  readonly table = new OrderedTable();
  readonly #place: IndexedFolder;
  readonly #folder: string;
  readonly #log: Logger;
  readonly #files = new Map<string, IndexedFile>();
  readonly #listener: ExternalChangeListener | undefined;
  /** Keys that are being written, with their new versions: until that is done they stay as they were. */
  #writing: ReadonlyMap<string, number | undefined> = new Map();
  /** Own writes whose files have not been checked yet. */
  #written: ReadonlyMap<string, number | undefined> = new Map();
  #loaded = false;

  constructor(place: IndexedFolder, log: Logger, listener?: ExternalChangeListener) {
    this.#place = place;
    this.#folder = place.folder;
    this.#log = log;
    this.#listener = listener;
  }

  /** Reads every file for the first time, without a report of each. */
  async load(): Promise<void> {
    await this.refreshAll();
    this.#loaded = true;
    this.#listener?.setPoller(() => this.refreshAll());
    this.#listener?.overflowed();
  }

  /** Keeps the keys as they are while the task writes them, then checks what it wrote, if it succeeded. */
  async whileWriting(changes: readonly FileChange[], task: () => Promise<void>): Promise<void> {
    const versions = new Map(changes.map(({ key, entry }) => [key, entry?.version]));
    this.#writing = versions;
    try {
      await task();
    } finally {
      this.#writing = new Map();
    }
    this.#written = versions;
    try {
      for (const key of versions.keys()) this.refresh(key);
    } finally {
      this.#written = new Map();
    }
  }

  /** The entry as its file is now. Throws `unavailable` if that cannot be read. */
  get(key: string): Entry | undefined {
    if (this.#place.names.of(key) === undefined) return undefined;
    this.refresh(key);
    return this.table.get(key);
  }

  /**
   * Checks the file of a key. Throws `unavailable` if it cannot be read, `insufficient_storage` if no file can have the
   * key.
   */
  refresh(key: string): void {
    if (this.#writing.has(key)) return;
    const { names } = this.#place;
    const name = names.of(key);
    if (name === undefined) throw new AppError('insufficient_storage', names.problemOf(key));
    this.#check(name);
    const problem = this.#files.get(name)?.problem;
    if (problem !== undefined) throw new AppError('unavailable', problem);
  }

  /** Checks a file that may have changed, if it is one of an entry. */
  refreshFile(found: string): void {
    // All names that PortKV makes are in lower case; a person may have used others.
    const name = this.#place.ignoresCase ? found.toLowerCase() : found;
    if (!isEntryFile(name)) return;
    const indexed = this.#files.get(name);
    // A new one is usually there and has to be read.
    if (indexed === undefined) this.#read(name, undefined);
    else if (indexed.key === undefined || !this.#writing.has(indexed.key)) this.#check(name);
  }

  /** Checks every file. */
  async refreshAll(): Promise<void> {
    const names = new Set([...(await readdir(this.#folder)), ...this.#files.keys()]);
    let checked = 0;
    for (const name of names) {
      this.refreshFile(name);
      if (++checked % FILES_AT_ONCE === 0) await eventsHandled();
    }
  }

  /** Of the files that could not be read when they were last checked. */
  problems(): string[] {
    return [...this.#files.values()].flatMap(({ problem }) => problem ?? []);
  }

  #check(name: string): void {
    const before = this.#files.get(name);
    let stat: BigIntStats | undefined;
    try {
      stat = lstatSync(join(this.#folder, name), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      this.#markInaccessible(name, before, error as Error);
      return;
    }
    if (stat === undefined) this.#remove(name, before);
    else if (before?.stamp !== stampOf(stat)) this.#read(name, before, stampOf(stat));
  }

  /** `stamp` if the file was checked just before. */
  #read(name: string, before: IndexedFile | undefined, stamp?: string): void {
    try {
      const read = readEntryFile(this.#folder, name, this.#listener?.authenticate);
      const { key } = read.entry;
      if (this.#writing.has(key)) return;
      const right = this.#place.names.of(key);
      if (right !== name) {
        this.#markDuplicate(name, `holds the same key as ${right}`);
        return;
      }
      this.table.apply({ put: [read.entry] });
      this.#files.set(name, { stamp: read.stamp, key, problem: undefined, reported: reportedEntry(read.entry) });
      if (before?.reported?.version !== read.entry.version) this.#report(key, read.entry);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#remove(name, before);
      else if (stamp === undefined) this.#check(name);
      else this.#markUnreadable(name, stamp, before, error as Error);
    }
  }

  #remove(name: string, before: IndexedFile | undefined): void {
    if (before?.key !== undefined) this.table.apply({ remove: [before.key] });
    this.#files.delete(name);
    if (before?.reported !== undefined) this.#report(before.reported.key, undefined, before.reported.expiresAt);
  }

  #report(key: string, entry: Entry | undefined, expiredAt?: number): void {
    const isOwn = this.#written.has(key) && this.#written.get(key) === entry?.version;
    if (this.#loaded && !isOwn) this.#listener?.changed([{ key, entry, expiredAt }]);
  }

  /** Without permission nothing is known of the file, which may be unchanged: what it held stays in lists. */
  #markInaccessible(name: string, before: IndexedFile | undefined, { message }: Error): void {
    const problem = `${join(this.#folder, name)} cannot be looked at: ${message}`;
    if (before?.problem !== problem) this.#log.warn({ file: join(this.#folder, name) }, problem);
    this.#files.set(name, { stamp: 'unknown', key: before?.key, problem, reported: before?.reported });
  }

  /** Of a key with several possible names. It is read again at each check, because the other file may go. */
  #markDuplicate(name: string, why: string): void {
    const problem = `${join(this.#folder, name)} ${why}. It was not changed: take one of them away`;
    if (this.#files.get(name)?.problem !== problem) this.#log.warn({ file: join(this.#folder, name) }, problem);
    this.#files.set(name, { stamp: 'duplicate', key: undefined, problem, reported: undefined });
  }

  #markUnreadable(name: string, stamp: string, before: IndexedFile | undefined, error: Error): void {
    if (before?.key !== undefined) this.table.apply({ remove: [before.key] });
    const problem = `${join(this.#folder, name)} ${error.message}. It was not changed: repair it or take it away`;
    this.#files.set(name, { stamp, key: undefined, problem, reported: before?.reported });
    this.#log.warn({ file: join(this.#folder, name) }, problem);
  }
}

function reportedEntry({ key, version, expiresAt }: Entry): ReportedEntry {
  return expiresAt === undefined ? { key, version } : { key, version, expiresAt };
}
