import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { syncFolder } from '../../../files/durable-file.js';
import { diskError, toStorageError, unreadableFile } from '../../../files/storage-errors.js';
import { decodeRecord, verifyRecord } from '../../building-blocks/entry-record.js';
import { salvageJournal } from '../../building-blocks/journal/salvage-journal.js';
import { keepFile } from '../../building-blocks/keep-file.js';
import { type EntryCheck, keptPath, type RepairResult } from '../../building-blocks/repair-result.js';
import { readLastClose, recordClose, type Shutdown } from './clean-shutdown.js';
import { createEnvironment, dataFile, journalFolder } from './environment/environment.js';
import { parseMetadata } from './environment/metadata.js';
import type { LmdbStore } from './lmdb-store.js';
import { type JournalStoreOptions, openStore } from './open-store.js';
import { type FoundTrees, findTrees, unlessCorrupt } from './pages/find-trees.js';
import { Salvage } from './pages/salvage.js';
import { type PendingFrame, pendingFrames } from './pending-frames.js';

/** The new file is made in a folder of this name inside the store's. */
const NEW_FOLDER = 'repaired';
/** One commit into the new file has at most so many entries, or bytes of values. */
const BATCH_ENTRIES = 1000;
const BATCH_BYTES = 16 * 1024 * 1024;
const OPTIONS: JournalStoreOptions = {
  commit_timeout: 600,
  journal_bytes: BATCH_BYTES,
  segment_bytes: BATCH_BYTES,
  check_timeout: 600,
};

/**
 * Replaces the data file by a new one with all that can be read in it, without LMDB, which would crash on it, and keeps
 * the damaged one in a folder beside the store. Until the last step, and after a crash before it, everything is as it
 * was. Rejects with `unavailable` if the file is missing, or if another version of its format was written there.
 */
export async function repair(folder: string, check: EntryCheck): Promise<RepairResult> {
  const file = dataFile(folder);
  const fd = await openDamaged(folder, file);
  const made = join(folder, NEW_FOLDER);
  try {
    const { closed } = await readLastClose(folder);
    const found = findTrees(fd, fstatSync(fd).size, closed);
    const counted = readCount(fd, found);
    const salvage = new Salvage(fd, found, isIntact);
    const { pending, visit } = pendingFrames();
    const lostFrames = await salvageJournal(journalFolder(folder), visit);
    const copy = new RepairedStore(made, check);
    const { stored, entries } = await copy.fill(salvage, pending);
    if (entries === 0 && counted.keys === undefined && counted.format !== undefined)
      throw unreadableFile(file, `has the format ${counted.format}, which another version wrote`);
    const kept = await replace(folder, made);
    const lost = [...salvage.lost.lines(), ...copy.damaged, ...summary(salvage, stored, counted.keys)];
    return { entries, lost: [...lost.map((what) => `${file}: ${what}`), ...lostFrames], kept: [kept] };
  } catch (error) {
    throw diskError(error, `cannot repair ${file}`);
  } finally {
    closeSync(fd);
    await rm(made, { recursive: true, force: true });
  }
}

async function openDamaged(folder: string, file: string): Promise<number> {
  try {
    if (!(await lstat(folder)).isDirectory()) throw unreadableFile(folder, 'is no ordinary folder');
    if (!(await lstat(file)).isFile()) throw unreadableFile(file, 'is no ordinary file');
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw toStorageError(file, error);
  }
}

/** What the last commit counted; undefined if that is lost. `format` is the one of the row, even an unknown one. */
function readCount(fd: number, found: FoundTrees): { keys?: number; format?: string } {
  if (found.trees === undefined) return {};
  for (const { record } of new Salvage(fd, found, () => true).tree(found.trees.meta)) {
    const [, format] = /^\{"format":(\d+)/.exec(record.toString('latin1')) ?? [];
    const keys = unlessCorrupt(() => parseMetadata(record))?.keys;
    return { ...(keys === undefined || !found.isLatest ? {} : { keys }), ...(format === undefined ? {} : { format }) };
  }
  return {};
}

function isIntact(key: Buffer, record: Buffer): boolean {
  try {
    verifyRecord(key, record);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function summary(salvage: Salvage, entries: number, counted: number | undefined): string[] {
  const lines: string[] = [];
  if (counted !== undefined && counted !== entries) lines.push(`it had ${counted} entries, ${entries} could be read`);
  if (!salvage.isExact) {
    lines.push('the list of free pages is lost, too: entries that were deleted or replaced may be back, check them');
  }
  return lines;
}

const nothing = async () => undefined;
/** It is recorded once its folder has its name. */
const UNRECORDED: Shutdown = { recorded: false, clear: nothing, closed: nothing };
const SILENT: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/** A new store that is filled with what can be read. */
class RepairedStore {
  readonly damaged: string[] = [];
  readonly #folder: string;
  readonly #check: EntryCheck;

  constructor(folder: string, check: EntryCheck) {
    this.#folder = folder;
    this.#check = check;
  }

  /** Returns how many entries were stored in the data file, and how many there are with those of the journal. */
  async fill(salvage: Salvage, pending: readonly PendingFrame[]): Promise<{ stored: number; entries: number }> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { mode: 0o700 });
    // Were the journal of before still there after a crash, none of its frames would be read again.
    const env = await createEnvironment(this.#folder, pending.at(-1)?.sequence);
    const store = await openStore(this.#folder, env, OPTIONS, { shutdown: UNRECORDED, log: SILENT });
    try {
      let batch = new Map<string, Entry>();
      let bytes = 0;
      for (const { key, record } of salvage.records()) {
        const entry = decodeRecord(key.toString(), Buffer.from(record));
        if ((batch.get(entry.key)?.version ?? 0) >= entry.version || !this.#isSound(entry)) continue;
        batch.set(entry.key, entry);
        bytes += record.length;
        if (batch.size < BATCH_ENTRIES && bytes < BATCH_BYTES) continue;
        await putNewest(store, batch);
        [batch, bytes] = [new Map(), 0];
      }
      await putNewest(store, batch);
      const stored = store.size().keys;
      for (const { changes } of pending) await this.#apply(store, changes);
      return { stored, entries: store.size().keys };
    } finally {
      await store.close();
    }
  }

  /** A frame is right about its keys, whatever the data file has. */
  async #apply(store: LmdbStore, changes: PendingFrame['changes']): Promise<void> {
    const put = changes.flatMap(({ entry }) => (entry !== undefined && this.#isSound(entry) ? [entry] : []));
    const remove = changes.flatMap(({ key, entry }) => (entry === undefined ? [key] : []));
    await store.commit({ put, remove });
  }

  #isSound(entry: Entry): boolean {
    const problem = this.#check(entry);
    if (problem !== undefined) this.damaged.push(`key ${JSON.stringify(entry.key)}: ${problem}`);
    return problem === undefined;
  }
}

async function putNewest(store: LmdbStore, batch: ReadonlyMap<string, Entry>): Promise<void> {
  const before = await store.getMany([...batch.keys()]);
  const put = [...batch.values()].filter((entry, i) => (before[i]?.version ?? 0) < entry.version);
  if (put.length > 0) await store.commit({ put });
}

/** Puts the new data file in place and returns where the damaged one is kept. */
async function replace(folder: string, made: string): Promise<string> {
  const kept = keptPath(folder);
  await mkdir(kept, { mode: 0o700 });
  await keepFile(dataFile(folder), join(kept, basename(dataFile(folder))));
  await syncFolder(kept);
  await syncFolder(dirname(folder));
  await rename(dataFile(made), dataFile(folder));
  await putAsideJournal(folder, kept);
  await recordClose(folder);
  await syncFolder(folder);
  return kept;
}

/** Its frames are in the new data file. */
async function putAsideJournal(folder: string, kept: string): Promise<void> {
  try {
    await rename(journalFolder(folder), join(kept, basename(journalFolder(folder))));
    await syncFolder(kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
