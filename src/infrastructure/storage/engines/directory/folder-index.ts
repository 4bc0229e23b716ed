import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ExternalChangeListener } from '../../../../application/ports/external-changes.js';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import type { FileChange } from './entry-files.js';
import { fileNameOf } from './file-name.js';
import { isEntryFile, readEntryFile, stampOf } from './read-entry-file.js';

/** Files that are looked at before others get their turn. */
const AT_ONCE = 100;

interface Known {
  readonly stamp: string;
  /** Undefined where the file cannot be read. */
  readonly key: string | undefined;
  readonly problem: string | undefined;
  /** What the others' listener takes it for: what it held before, where it cannot be read. */
  readonly told: Told | undefined;
}

type Told = Pick<Entry, 'key' | 'version' | 'expiresAt'>;

/** What the files of a folder held when each was last looked at. Nothing is ever written there. */
export class FolderIndex {
  readonly table = new OrderedTable();
  readonly #folder: string;
  readonly #log: Logger;
  readonly #known = new Map<string, Known>();
  readonly #others: ExternalChangeListener | undefined;
  /** Keys that are being written, and as which version: until that is done, they are what they were. */
  #held: ReadonlyMap<string, number | undefined> = new Map();
  /** Own writes of which the files have not been looked at yet. */
  #own: ReadonlyMap<string, number | undefined> = new Map();
  #loaded = false;

  constructor(folder: string, log: Logger, others?: ExternalChangeListener) {
    this.#folder = folder;
    this.#log = log;
    this.#others = others;
  }

  /** Looks at every file for the first time: none of them is news. */
  async load(): Promise<void> {
    await this.refreshAll();
    this.#loaded = true;
    this.#others?.setPoller(() => this.refreshAll());
    this.#others?.overflowed();
  }

  /** Keeps the keys as they are while the task writes them, and then looks at what it wrote, if it did. */
  async whileWriting(changes: readonly FileChange[], task: () => Promise<void>): Promise<void> {
    const versions = new Map(changes.map(({ key, entry }) => [key, entry?.version]));
    this.#held = versions;
    try {
      await task();
    } finally {
      this.#held = new Map();
    }
    this.#own = versions;
    try {
      for (const key of versions.keys()) this.refresh(key);
    } finally {
      this.#own = new Map();
    }
  }

  /** The entry as its file is now. Throws `unavailable` where that cannot be read. */
  get(key: string): Entry | undefined {
    this.refresh(key);
    return this.table.get(key);
  }

  /** Looks at a key's file. Throws `unavailable` where it cannot be read. */
  refresh(key: string): void {
    if (this.#held.has(key)) return;
    const name = fileNameOf(key);
    this.#look(name);
    const problem = this.#known.get(name)?.problem;
    if (problem !== undefined) throw new AppError('unavailable', problem);
  }

  /** Looks at a file that may have changed, if it is one of an entry. */
  touch(name: string): void {
    if (!isEntryFile(name)) return;
    const known = this.#known.get(name);
    // One that is new is there, as a rule, and to be read.
    if (known === undefined) this.#take(name, undefined);
    else if (known.key === undefined || !this.#held.has(known.key)) this.#look(name);
  }

  /** Looks at every file. */
  async refreshAll(): Promise<void> {
    const names = new Set([...(await readdir(this.#folder)), ...this.#known.keys()]);
    let looked = 0;
    for (const name of names) {
      this.touch(name);
      if (++looked % AT_ONCE === 0) await turn();
    }
  }

  /** Of the files that could not be read when they were last looked at. */
  problems(): string[] {
    return [...this.#known.values()].flatMap(({ problem }) => problem ?? []);
  }

  #look(name: string): void {
    const before = this.#known.get(name);
    let stat: BigIntStats | undefined;
    try {
      stat = lstatSync(join(this.#folder, name), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      this.#cannotLook(name, before, error as Error);
      return;
    }
    if (stat === undefined) this.#forget(name, before);
    else if (before?.stamp !== stampOf(stat)) this.#take(name, before, stampOf(stat));
  }

  /** `stamp` where the file was looked at just before. */
  #take(name: string, before: Known | undefined, stamp?: string): void {
    try {
      const read = readEntryFile(this.#folder, name);
      const { key } = read.entry;
      if (this.#held.has(key)) return;
      this.table.apply({ put: [read.entry] });
      this.#known.set(name, { stamp: read.stamp, key, problem: undefined, told: headOf(read.entry) });
      if (before?.told?.version !== read.entry.version) this.#tell(key, read.entry);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#forget(name, before);
      else if (stamp === undefined) this.#look(name);
      else this.#distrust(name, stamp, before, error as Error);
    }
  }

  #forget(name: string, before: Known | undefined): void {
    if (before?.key !== undefined) this.table.apply({ remove: [before.key] });
    this.#known.delete(name);
    if (before?.told !== undefined) this.#tell(before.told.key, undefined, before.told.expiresAt);
  }

  #tell(key: string, entry: Entry | undefined, expiredAt?: number): void {
    const own = this.#own.has(key) && this.#own.get(key) === entry?.version;
    if (this.#loaded && !own) this.#others?.changed([{ key, entry, expiredAt }]);
  }

  /** Where nobody may look, the file may be as it was: what it held stays in lists. */
  #cannotLook(name: string, before: Known | undefined, { message }: Error): void {
    const problem = `${join(this.#folder, name)} cannot be looked at: ${message}`;
    if (before?.problem !== problem) this.#log.warn({ file: join(this.#folder, name) }, problem);
    this.#known.set(name, { stamp: 'unknown', key: before?.key, problem, told: before?.told });
  }

  #distrust(name: string, stamp: string, before: Known | undefined, error: Error): void {
    if (before?.key !== undefined) this.table.apply({ remove: [before.key] });
    const problem = `${join(this.#folder, name)} ${error.message}. It was not changed: repair it or take it away`;
    this.#known.set(name, { stamp, key: undefined, problem, told: before?.told });
    this.#log.warn({ file: join(this.#folder, name) }, problem);
  }
}

function headOf({ key, version, expiresAt }: Entry): Told {
  return expiresAt === undefined ? { key, version } : { key, version, expiresAt };
}
