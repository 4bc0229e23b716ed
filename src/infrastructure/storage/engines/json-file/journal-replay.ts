import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import { MalformedDataError, toStorageError, unreadable } from '../../building-blocks/storage-errors.js';
import { FileWindow } from './file-window.js';
import { isWholeLine, type LineChange, readLine } from './journal-line.js';

const LINE_FEED = 0x0a;

/** How far a journal is good, and where it ends, in bytes. */
export interface Replay {
  readonly good: number;
  readonly end: number;
}

/**
 * Applies a journal's lines to the table. A last line that is cut off or wrong is left out: whoever wrote it was never
 * answered. Rejects with `unavailable` where a line before the last is wrong. Undefined where there is no such file.
 */
export async function replayJournal(path: string, table: OrderedTable): Promise<Replay | undefined> {
  try {
    return await FileWindow.over(path, (window) => replay(path, window, table));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toStorageError(path, error);
  }
}

async function replay(path: string, window: FileWindow, table: OrderedTable): Promise<Replay> {
  let lines = 0;
  let bad: number | undefined;
  for (let taken = 0; await window.advance(taken); ) {
    taken = 0;
    const { bytes } = window;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, taken)) {
      if (bad !== undefined) throw damaged(path, lines);
      lines++;
      const line = bytes.subarray(taken, feed);
      if (isWholeLine(line)) apply(path, lines, line, table);
      else bad = window.offset + taken;
      taken = feed + 1;
    }
  }
  const rest = window.bytes.length;
  if (bad !== undefined && rest > 0) throw damaged(path, lines);
  return { good: bad ?? window.offset, end: window.offset + rest };
}

function apply(path: string, number: number, line: Buffer, table: OrderedTable): void {
  const changes: LineChange[] = [];
  try {
    readLine(line, (key, entry) => changes.push({ key, entry }));
  } catch (error) {
    if (error instanceof MalformedDataError) throw unreadable(path, `${error.why}, in line ${number}`, error);
    throw error;
  }
  for (const { key, entry } of changes) table.apply(entry === undefined ? { remove: [key] } : { put: [entry] });
}

function damaged(path: string, line: number): Error {
  return unreadable(path, `has a wrong checksum in line ${line}, which is not its last`);
}
