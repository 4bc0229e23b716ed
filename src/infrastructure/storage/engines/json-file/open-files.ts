import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../../files/durable-file.js';
import { unreadableFile } from '../../../files/storage-errors.js';
import { decodeChanges, type FrameChange } from '../../building-blocks/journal/change-frame.js';
import { Journal, type JournalOptions } from '../../building-blocks/journal/journal.js';
import { readJournal } from '../../building-blocks/journal/read-journal.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { readDataFile, writeDataFile } from './data-file.js';
import { readTextJournal } from './text-journal.js';

/** Segments of a new store have this size at first. */
const SMALL_SEGMENT = 64 * 1024;

/** Where the files of a store are. */
export interface StorePaths {
  readonly file: string;
  /**
   * The folder of the journal. An earlier PortKV had a file of this name: it refuses a store with the folder, whose
   * journal it cannot read.
   */
  readonly journal: string;
  /** The second last journal of an earlier PortKV. */
  readonly oldText: string;
}

/** A store as read from its files. */
export interface OpenedFiles {
  readonly file: string;
  readonly fileBytes: number;
  readonly table: OrderedTable;
  readonly journal: Journal;
}

/** Reads all files, and writes none. Rejects with `unavailable`. */
export async function readFiles(paths: StorePaths): Promise<OrderedTable> {
  const { table } = await readOlderFiles(paths);
  await readJournal(paths.journal, 0, (payload) => applyFrame(table, payload));
  return table;
}

/** Reads the files and prepares them for writing. Rejects like `readFiles`. */
export async function openFiles(
  paths: StorePaths,
  options: Pick<JournalOptions, 'maxSegmentBytes' | 'reserve' | 'log'>,
): Promise<OpenedFiles> {
  const { table, fileBytes, hasText, cutOff } = await readOlderFiles(paths);
  const { log } = options;
  const segmentBytes = Math.min(SMALL_SEGMENT, options.maxSegmentBytes);
  const journal = await Journal.open({ ...options, folder: paths.journal, segmentBytes }, (payload) =>
    applyFrame(table, payload),
  );
  const { file } = paths;
  if (!hasText) return { file, fileBytes, table, journal };
  if (cutOff > 0) {
    log.warn(
      { file: paths.journal, bytes: cutOff },
      'left out the last line of a journal, which a crash left unfinished',
    );
  }
  const foldedBytes = await writeDataFile(file, table);
  await removeTextJournals(paths);
  return { file, fileBytes: foldedBytes, table, journal };
}

/** The old one first: if only that were left after a crash, it would bring back what the other one changed. */
export async function removeTextJournals(paths: StorePaths): Promise<void> {
  for (const path of await textJournals(paths)) {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  }
}

/** The journals of an earlier PortKV that are there, in the order of their lines. */
export async function textJournals({ journal, oldText }: StorePaths): Promise<string[]> {
  const found: string[] = [];
  for (const path of [oldText, journal]) {
    const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (stats !== undefined && !(path === journal && stats.isDirectory())) found.push(path);
  }
  return found;
}

/** Applies a frame of the journal, all of it or nothing. */
export function applyFrame(table: OrderedTable, payload: Buffer): void {
  const changes: FrameChange[] = [];
  decodeChanges(payload, (change) => changes.push(change));
  applyChanges(table, changes);
}

export function applyChanges(table: OrderedTable, changes: readonly FrameChange[]): void {
  for (const { key, entry } of changes) {
    if (entry === undefined) table.remove(key);
    else table.put(entry);
  }
}

/** Reads the file, then the journal of an earlier PortKV, if there is one. */
async function readOlderFiles(paths: StorePaths) {
  const { file, oldText } = paths;
  const table = new OrderedTable();
  const fileBytes = await readDataFile(file, table);
  const texts = await textJournals(paths);
  let cutOff = 0;
  for (const path of texts) {
    const replay = await readTextJournal(path, (changes) => applyChanges(table, changes));
    cutOff = replay === undefined ? 0 : replay.size - replay.intactBytes;
    if (replay !== undefined && cutOff > 0 && path === oldText) {
      throw unreadableFile(oldText, `is damaged from byte ${replay.intactBytes} on`);
    }
  }
  return { table, fileBytes, hasText: texts.length > 0, cutOff };
}
