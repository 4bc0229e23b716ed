import { CHARACTERS } from '../../../../domain/json/characters.js';
import { MalformedDataError, toStorageError, unreadableFile } from '../../../files/storage-errors.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import { FileWindow } from './file-window.js';
import { isWholeLine, type LineChange, readLine } from './journal-line.js';

const { LINE_FEED } = CHARACTERS;

/** What was read of a journal, in bytes. */
export interface Replay {
  /** The length of its intact lines. */
  readonly intactBytes: number;
  readonly size: number;
}

/**
 * Applies the lines of a journal to the table. A last line that is cut off or wrong is left out: its commit was never
 * acknowledged. Rejects with `unavailable` if a line before the last is wrong. Undefined if there is no such file.
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
  let badLineAt: number | undefined;
  for (let consumed = 0; await window.advance(consumed); ) {
    consumed = 0;
    const { bytes } = window;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, consumed)) {
      if (badLineAt !== undefined) throw damagedLine(path, lines);
      lines++;
      const line = bytes.subarray(consumed, feed);
      if (isWholeLine(line)) apply(path, lines, line, table);
      else badLineAt = window.offset + consumed;
      consumed = feed + 1;
    }
  }
  const rest = window.bytes.length;
  if (badLineAt !== undefined && rest > 0) throw damagedLine(path, lines);
  return { intactBytes: badLineAt ?? window.offset, size: window.offset + rest };
}

function apply(path: string, number: number, line: Buffer, table: OrderedTable): void {
  const changes: LineChange[] = [];
  try {
    readLine(line, (key, entry) => changes.push({ key, entry }));
  } catch (error) {
    if (error instanceof MalformedDataError) throw unreadableFile(path, `${error.why}, in line ${number}`, error);
    throw error;
  }
  for (const { key, entry } of changes) table.apply(entry === undefined ? { remove: [key] } : { put: [entry] });
}

function damagedLine(path: string, number: number): Error {
  return unreadableFile(path, `has a wrong checksum in line ${number}, which is not its last`);
}
