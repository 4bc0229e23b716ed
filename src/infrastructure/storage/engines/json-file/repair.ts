import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { syncFolder } from '../../../files/durable-file.js';
import { diskError, MalformedDataError, toStorageError } from '../../../files/storage-errors.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { salvageJournal } from '../../building-blocks/journal/salvage-journal.js';
import { keepFile } from '../../building-blocks/keep-file.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { type EntryCheck, keptPath, type RepairResult } from '../../building-blocks/repair-result.js';
import { writeDataFile } from './data-file.js';
import { applyChanges, applyFrame, removeTextJournals, type StorePaths, textJournals } from './open-files.js';
import { readLine } from './text-journal.js';

const { LINE_FEED, OPEN_BRACE } = CHARACTERS;
/** How many bytes of a line are searched for the key that it begins with. */
const KEY_BYTES = 4096;

/**
 * Replaces the files of a store by one of all that can be read in them, and keeps them beside it. After a crash it can
 * be repeated. Rejects with `unavailable`, with every file as it was, if the store file is missing: journals alone are
 * no store.
 */
export async function repair(paths: StorePaths, check: EntryCheck): Promise<RepairResult> {
  const { file, journal } = paths;
  const texts = await textJournals(paths);
  const table = new OrderedTable();
  const lost = [...(await salvageDataFile(file, table))];
  for (const path of texts) lost.push(...(await salvageTextJournal(path, table)));
  lost.push(...(await salvageJournal(journal, (payload) => applyFrame(table, payload))));
  lost.push(...removeDamagedEntries(table, check).map((what) => `${file}: ${what}`));
  try {
    const kept = await keepFiles([file, ...texts]);
    await syncFolder(dirname(file));
    await writeDataFile(file, table);
    await removeTextJournals(paths);
    kept.push(...(await putAside(journal)));
    return { entries: table.size().keys, lost, kept };
  } catch (error) {
    throw diskError(error, `cannot repair ${file}`);
  }
}

/**
 * Puts every readable entry of a store file into the table, and returns the ranges of bytes (the end excluded) that
 * hold none. After one that cannot be read it continues with the next line that begins as an entry does. Rejects with
 * `unavailable` if the file cannot be read at all.
 */
async function salvageDataFile(path: string, table: OrderedTable): Promise<string[]> {
  const bytes = await contentOf(path);
  const indent = /^(?:\xef\xbb\xbf)?\s*\{[^\S\n]*\n([ \t]*)"/.exec(bytes.toString('latin1', 0, KEY_BYTES))?.[1] ?? '';
  const entryStart = Buffer.from(`\n${indent}"`);
  const lost: string[] = [];
  for (let from = 0; ; ) {
    const stopped = readEntries(bytes, from, table);
    if (stopped === undefined) return lost;
    const start = Math.max(from, bytes.lastIndexOf(LINE_FEED, stopped) + 1);
    const next = bytes.indexOf(entryStart, Math.max(from + 1, stopped));
    const end = next < 0 ? bytes.length : next + 1;
    lost.push(`${path}: bytes ${start} to ${end}${keyAt(bytes, start)}`);
    if (next < 0) return lost;
    from = next + entryStart.length - 2;
  }
}

/**
 * Reads entries from a position on, where it puts a brace for the scanner. Returns where it stopped, or undefined at
 * the end.
 */
function readEntries(bytes: Buffer, from: number, table: OrderedTable): number | undefined {
  const before = bytes[from];
  if (from > 0) bytes[from] = OPEN_BRACE;
  const scanner = new StoreScanner((key, entry) => {
    if (entry !== undefined && (table.get(key)?.version ?? 0) < entry.version) table.apply({ put: [entry] });
  }, false);
  try {
    const consumed = scanner.scan(bytes.subarray(from));
    return scanner.ended ? undefined : from + consumed;
  } catch (error) {
    if (!(error instanceof MalformedDataError)) throw error;
    return from + error.at;
  } finally {
    if (before !== undefined) bytes[from] = before;
  }
}

function keyAt(bytes: Buffer, start: number): string {
  const [, key] = /^\s*("(?:[^"\\\n]|\\.)*")\s*:/.exec(bytes.toString('utf8', start, start + KEY_BYTES)) ?? [];
  return key === undefined ? '' : ` (key ${key})`;
}

/**
 * Applies every whole line of a journal to the table, in order, and returns the others. A missing file has no lines.
 */
async function salvageTextJournal(path: string, table: OrderedTable): Promise<string[]> {
  const bytes = await contentOf(path, true);
  const lost: string[] = [];
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    number++;
    if (feed < 0 || !applyLine(bytes.subarray(start, end), table)) {
      lost.push(`${path}: line ${number}, bytes ${start} to ${end}`);
    }
    start = end + 1;
  }
  return lost;
}

function applyLine(line: Buffer, table: OrderedTable): boolean {
  try {
    const changes = readLine(line);
    if (changes !== undefined) applyChanges(table, changes);
    return changes !== undefined;
  } catch (error) {
    if (error instanceof MalformedDataError) return false;
    throw error;
  }
}

/** Removes what can be read and is damaged all the same. */
function removeDamagedEntries(table: OrderedTable, check: EntryCheck): string[] {
  const damaged = table.scan({ limit: Number.POSITIVE_INFINITY }).flatMap((entry) => {
    const problem = check(entry);
    return problem === undefined ? [] : [{ key: entry.key, problem }];
  });
  table.apply({ remove: damaged.map(({ key }) => key) });
  return damaged.map(({ key, problem }) => `key ${JSON.stringify(key)}: ${problem}`);
}

/** Gives existing files a second name, so that they are kept when the first is replaced or removed. */
async function keepFiles(paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    try {
      const other = keptPath(path);
      await keepFile(path, other);
      kept.push(other);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return kept;
}

/** Gives the folder of a journal, whose frames are in the file now, another name. */
async function putAside(journal: string): Promise<string[]> {
  try {
    const other = keptPath(journal);
    await rename(journal, other);
    await syncFolder(dirname(journal));
    return [other];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function contentOf(path: string, mayBeMissing = false): Promise<Buffer> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await file.readFile();
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw toStorageError(path, error);
  }
}
