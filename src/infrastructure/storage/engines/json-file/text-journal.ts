import { crc32 } from 'node:zlib';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { MalformedDataError, toStorageError, unreadableFile } from '../../../files/storage-errors.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { FrameChange } from '../../building-blocks/journal/change-frame.js';
import { FileWindow } from './file-window.js';

// The journal of PortKV before it had segments. It is read, and never written: a line is the CRC-32 of the rest as 8
// hexadecimal digits, a space, `{"key": item or null, …}`, a line feed.

const { LINE_FEED } = CHARACTERS;
const CHECKSUM_CHARS = 8;

/** What was read of a journal, in bytes. */
export interface TextReplay {
  /** The length of its intact lines. */
  readonly intactBytes: number;
  readonly size: number;
}

/**
 * Visits the lines of a journal. A last line that is cut off or wrong is left out: its commit was never acknowledged.
 * Rejects with `unavailable` if a line before the last is wrong. Undefined if there is no such file.
 */
export async function readTextJournal(
  path: string,
  visit: (line: readonly FrameChange[]) => void,
): Promise<TextReplay | undefined> {
  try {
    return await FileWindow.over(path, (window) => readLines(path, window, visit));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toStorageError(path, error);
  }
}

/** What a line, without its line feed, says; undefined if it is not as it was written. Throws `MalformedDataError`. */
export function readLine(line: Buffer): FrameChange[] | undefined {
  if (line.length <= CHECKSUM_CHARS || line[CHECKSUM_CHARS] !== 0x20) return undefined;
  const body = line.subarray(CHECKSUM_CHARS + 1);
  const checksum = crc32(body).toString(16).padStart(CHECKSUM_CHARS, '0');
  if (line.toString('latin1', 0, CHECKSUM_CHARS) !== checksum) return undefined;
  const changes: FrameChange[] = [];
  const scanner = new StoreScanner((key, entry) => changes.push({ key, entry }), true);
  const consumed = scanner.scan(body);
  if (consumed < body.length || !scanner.ended) throw new MalformedDataError('holds no JSON object', consumed);
  return changes;
}

async function readLines(
  path: string,
  window: FileWindow,
  visit: (line: readonly FrameChange[]) => void,
): Promise<TextReplay> {
  let lines = 0;
  let badLineAt: number | undefined;
  for (let consumed = 0; await window.advance(consumed); ) {
    consumed = 0;
    const { bytes } = window;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, consumed)) {
      if (badLineAt !== undefined) throw damagedLine(path, lines);
      lines++;
      const changes = wholeLine(path, lines, bytes.subarray(consumed, feed));
      if (changes === undefined) badLineAt = window.offset + consumed;
      else visit(changes);
      consumed = feed + 1;
    }
  }
  const rest = window.bytes.length;
  if (badLineAt !== undefined && rest > 0) throw damagedLine(path, lines);
  return { intactBytes: badLineAt ?? window.offset, size: window.offset + rest };
}

function wholeLine(path: string, number: number, line: Buffer): FrameChange[] | undefined {
  try {
    return readLine(line);
  } catch (error) {
    if (error instanceof MalformedDataError) throw unreadableFile(path, `${error.why}, in line ${number}`, error);
    throw error;
  }
}

function damagedLine(path: string, number: number): Error {
  return unreadableFile(path, `has a wrong checksum in line ${number}, which is not its last`);
}
