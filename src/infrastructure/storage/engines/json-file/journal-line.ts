import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { type EntryVisitor, StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { MalformedDataError } from '../../building-blocks/storage-errors.js';
import { MAX_PIECE_BYTES } from './file-window.js';

const CHECKSUM_CHARS = 8;
/** Characters after which a buffer is made of what is there, so that no string grows without end. */
const PART = 1024 * 1024;

/** What a line says of one key: its new entry, or that it is gone. */
export interface LineChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/** One line, in parts: the CRC-32 of the rest as 8 hexadecimal digits, a space, `{"key": item or null, …}`, a line feed. */
export function journalLine(changes: Iterable<LineChange>): Buffer[] {
  const parts: Buffer[] = [];
  let text = '';
  let begun = false;
  for (const { key, entry } of changes) {
    const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
    text += `${begun ? ', ' : '{'}${item}`;
    begun = true;
    if (text.length < PART) continue;
    parts.push(Buffer.from(text));
    text = '';
  }
  parts.push(Buffer.from(`${text}}`));
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes > MAX_PIECE_BYTES / 2) throw new Error(`a batch of ${bytes} bytes is too large for a journal`);
  const checksum = parts.reduce((sum, part) => crc32(part, sum), 0);
  const line = [Buffer.from(`${hex(checksum)} `), ...parts, Buffer.from('\n')];
  // One write where that costs no second copy of much.
  return bytes < PART ? [Buffer.concat(line)] : line;
}

/** Whether a line, without its line feed, is as it was written. */
export function isWholeLine(line: Buffer): boolean {
  if (line.length <= CHECKSUM_CHARS || line[CHECKSUM_CHARS] !== 0x20) return false;
  return line.toString('latin1', 0, CHECKSUM_CHARS) === hex(crc32(line.subarray(CHECKSUM_CHARS + 1)));
}

/** Reads a whole line. Throws `Misshapen`. */
export function readLine(line: Buffer, found: EntryVisitor): void {
  const scanner = new StoreScanner(found, true);
  const body = line.subarray(CHECKSUM_CHARS + 1);
  const taken = scanner.scan(body);
  if (taken < body.length || !scanner.ended) throw new MalformedDataError('holds no JSON object', taken);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(CHECKSUM_CHARS, '0');
}
