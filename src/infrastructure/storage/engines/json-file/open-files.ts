import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { replaceFile, syncFolder } from '../../../files/durable-file.js';
import { writeAll } from '../../../files/write-all.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { unreadable } from '../../building-blocks/storage-errors.js';
import { readDataFile } from './data-file.js';
import { Journal, type JournalPaths } from './journal.js';
import { replayJournal } from './journal-replay.js';

/** How much of a journal is copied at once, in bytes. */
const PART = 1024 * 1024;

/** Where the files of a store are. */
export interface StorePaths extends JournalPaths {
  readonly file: string;
}

/** A store as its files give it. */
export interface OpenedFiles {
  readonly file: string;
  readonly fileBytes: number;
  readonly table: OrderedTable;
  readonly journal: Journal;
}

/** Reads the file, then the old journal, then the journal, and writes none. Rejects with `unavailable` where one cannot be read. */
export async function readFiles({ file, current, old }: StorePaths) {
  const table = new OrderedTable();
  const fileBytes = await readDataFile(file, table);
  const before = await replayJournal(old, table);
  if (before !== undefined && before.good < before.end) throw unreadable(old, `is damaged from byte ${before.good} on`);
  return { table, fileBytes, hasOld: before !== undefined, replay: await replayJournal(current, table) };
}

/** Reads the files and makes them ready to be written. Rejects like `readFiles`. */
export async function openFiles(paths: StorePaths, log: Logger): Promise<OpenedFiles> {
  const { file, current, old } = paths;
  const { table, fileBytes, hasOld, replay } = await readFiles(paths);
  if (replay !== undefined) {
    if (replay.good < replay.end) {
      const bytes = replay.end - replay.good;
      log.warn({ file: current, bytes }, 'cut off the last line of a journal, which a crash left unfinished');
    }
    await renew(current, replay.good);
  }
  const journal = new Journal({ current, old }, replay?.good ?? 0, hasOld);
  return { file, fileBytes, table, journal };
}

/**
 * Copies what is good to a new file. What was just read may be in the kernel's memory only, if a sync of the file failed
 * before; no later sync of that file would say so.
 */
async function renew(journal: string, bytes: number): Promise<void> {
  if (bytes === 0) {
    await rm(journal);
    return syncFolder(dirname(journal));
  }
  await replaceFile(journal, async (file) => {
    for await (const part of createReadStream(journal, { end: bytes - 1, highWaterMark: PART }))
      await writeAll(file, part);
  });
}
