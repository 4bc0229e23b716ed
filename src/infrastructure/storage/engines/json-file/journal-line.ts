import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { type EntryVisitor, StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { MAX_PIECE_BYTES } from './file-window.js';

const CHECKSUM_CHARS = 8;
/** Characters after which the text is turned into a buffer, so that no string grows without limit. */
const PART_CHARS = 1024 * 1024;

/** What a line says of one key: its new entry, or undefined if it is removed. */
export interface LineChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/**
 * One line, in parts: the CRC-32 of the rest as 8 hexadecimal digits, a space, `{"key": item or null, …}`, a line feed.
 */
export function journalLine(changes: Iterable<LineChange>): Buffer[] {
  const parts: Buffer[] = [];
  let text = '';
  let isFirst = true;
  for (const { key, entry } of changes) {
    const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
    text += `${isFirst ? '{' : ', '}${item}`;
    isFirst = false;
    if (text.length < PART_CHARS) continue;
    parts.push(Buffer.from(text));
    text = '';
  }
  parts.push(Buffer.from(`${text}}`));
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes > MAX_PIECE_BYTES / 2) throw new Error(`a batch of ${bytes} bytes is too large for a journal`);
  const checksum = parts.reduce((sum, part) => crc32(part, sum), 0);
  const line = [Buffer.from(`${hex(checksum)} `), ...parts, Buffer.from('\n')];
  // One write, if that does not copy much.
  return bytes < PART_CHARS ? [Buffer.concat(line)] : line;
}

/** Whether a line, without its line feed, is as it was written. */
export function isWholeLine(line: Buffer): boolean {
  if (line.length <= CHECKSUM_CHARS || line[CHECKSUM_CHARS] !== 0x20) return false;
  return line.toString('latin1', 0, CHECKSUM_CHARS) === hex(crc32(line.subarray(CHECKSUM_CHARS + 1)));
}

/** Reads a whole line. Throws `MalformedDataError`. */
export function readLine(line: Buffer, visit: EntryVisitor): void {
  const scanner = new StoreScanner(visit, true);
  const body = line.subarray(CHECKSUM_CHARS + 1);
  const consumed = scanner.scan(body);
  if (consumed < body.length || !scanner.ended) throw new MalformedDataError('holds no JSON object', consumed);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(CHECKSUM_CHARS, '0');
}
