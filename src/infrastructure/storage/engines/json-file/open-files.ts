import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { replaceFile, syncFolder } from '../../../files/durable-file.js';
import { unreadableFile } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { readDataFile } from './data-file.js';
import { Journal, type JournalPaths } from './journal.js';
import { replayJournal } from './journal-replay.js';

/** How much of a journal is copied at once, in bytes. */
const COPY_BYTES = 1024 * 1024;

/** Where the files of a store are. */
export interface StorePaths extends JournalPaths {
  readonly file: string;
}

/** A store as read from its files. */
export interface OpenedFiles {
  readonly file: string;
  readonly fileBytes: number;
  readonly table: OrderedTable;
  readonly journal: Journal;
}

/** Reads the file, then the old journal, then the current one, and writes none. Rejects with `unavailable`. */
export async function readFiles({ file, current, old }: StorePaths) {
  const table = new OrderedTable();
  const fileBytes = await readDataFile(file, table);
  const oldReplay = await replayJournal(old, table);
  if (oldReplay !== undefined && oldReplay.intactBytes < oldReplay.size) {
    throw unreadableFile(old, `is damaged from byte ${oldReplay.intactBytes} on`);
  }
  return { table, fileBytes, hasOld: oldReplay !== undefined, replay: await replayJournal(current, table) };
}

/** Reads the files and prepares them for writing. Rejects like `readFiles`. */
export async function openFiles(paths: StorePaths, log: Logger): Promise<OpenedFiles> {
  const { file, current, old } = paths;
  const { table, fileBytes, hasOld, replay } = await readFiles(paths);
  if (replay !== undefined) {
    const bytes = replay.size - replay.intactBytes;
    if (bytes > 0) {
      log.warn({ file: current, bytes }, 'cut off the last line of a journal, which a crash left unfinished');
    }
    await copyIntactPart(current, replay.intactBytes);
  }
  const journal = new Journal({ current, old }, replay?.intactBytes ?? 0, hasOld);
  return { file, fileBytes, table, journal };
}

/**
 * Replaces the journal by a new file with its intact part. After a failed sync, what was just read may only be in the
 * kernel's memory, and no later sync of the same file would report that.
 */
async function copyIntactPart(journal: string, bytes: number): Promise<void> {
  if (bytes === 0) {
    await rm(journal);
    return syncFolder(dirname(journal));
  }
  await replaceFile(journal, async (file) => {
    for await (const part of createReadStream(journal, { end: bytes - 1, highWaterMark: COPY_BYTES }))
      await writeAll(file, part);
  });
}
