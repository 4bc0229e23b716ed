import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import { MalformedDataError, toStorageError } from '../../building-blocks/storage-errors.js';
import { isWholeLine, type LineChange, readLine } from './journal-line.js';

const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
/** How much of a line is looked at for the key that it begins with, in bytes. */
const KEY_BYTES = 4096;

/**
 * Puts every entry of a store file into the table that can be read, and says which bytes, from 0 and without the last, hold none. Where one cannot
 * be read it goes on with the next line that begins as an entry does. Rejects with `unavailable` where the file cannot be read at all.
 */
export async function salvageDataFile(path: string, table: OrderedTable): Promise<string[]> {
  const bytes = await contentOf(path);
  const indent = /^\s*\{[^\S\n]*\n([ \t]*)"/.exec(bytes.toString('latin1', 0, KEY_BYTES))?.[1] ?? '';
  const mark = Buffer.from(`\n${indent}"`);
  const lost: string[] = [];
  for (let from = 0; ; ) {
    const stopped = readOn(bytes, from, table);
    if (stopped === undefined) return lost;
    const start = Math.max(from, bytes.lastIndexOf(LINE_FEED, stopped) + 1);
    const next = bytes.indexOf(mark, Math.max(from + 1, stopped));
    const end = next < 0 ? bytes.length : next + 1;
    lost.push(`${path}: bytes ${start} to ${end}${keyAt(bytes, start)}`);
    if (next < 0) return lost;
    from = next + mark.length - 2;
  }
}

/** Reads entries from a position on, where a brace is put for the scanner; where it had to stop, undefined at the file's end. */
function readOn(bytes: Buffer, from: number, table: OrderedTable): number | undefined {
  const before = bytes[from];
  if (from > 0) bytes[from] = OPEN_BRACE;
  const scanner = new StoreScanner((key, entry) => {
    if (entry !== undefined && (table.get(key)?.version ?? 0) < entry.version) table.apply({ put: [entry] });
  }, false);
  try {
    const taken = scanner.scan(bytes.subarray(from));
    return scanner.ended ? undefined : from + taken;
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

/** Applies every whole line of a journal to the table, in order, and says which lines are none. A file that is missing has no lines. */
export async function salvageJournal(path: string, table: OrderedTable): Promise<string[]> {
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
  if (!isWholeLine(line)) return false;
  const changes: LineChange[] = [];
  try {
    readLine(line, (key, entry) => changes.push({ key, entry }));
  } catch (error) {
    if (error instanceof MalformedDataError) return false;
    throw error;
  }
  for (const { key, entry } of changes) table.apply(entry === undefined ? { remove: [key] } : { put: [entry] });
  return true;
}

async function contentOf(path: string, mayMiss = false): Promise<Buffer> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await file.readFile();
  } catch (error) {
    if (mayMiss && (error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw toStorageError(path, error);
  }
}
