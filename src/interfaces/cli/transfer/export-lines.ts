import { createHash } from 'node:crypto';
import { splitLines } from '../../../application/transfer/split-lines.js';
import { AppError } from '../../../domain/errors.js';
import { trailerLine } from '../../../domain/export/write-line.js';

const NEWLINE = 10;
/** The longest line accepted in an export, in bytes. */
export const LONGEST_LINE = 1024 * 1024 * 1024;
/** The key of an entry, which is the first member of its line, is usually within this many bytes. */
const KEY_WITHIN = 8 * 1024;

/** A line of an export as it is in the file, with its newline. */
export type RawLine =
  | { readonly kind: 'header' | 'trailer'; readonly bytes: Buffer }
  | { readonly kind: 'entry'; readonly bytes: Buffer; readonly key: string };

/** The complete lines of an export. Bytes after the last newline are left out: they are a line that was cut off. */
export async function* exportLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawLine> {
  for await (const bytes of splitLines(chunks, LONGEST_LINE)) {
    if (bytes[bytes.length - 1] === NEWLINE) yield classifyLine(bytes);
  }
}

/** Makes the trailer for the lines before it: the number of entries and the SHA-256 of all bytes. */
export class TrailerBuilder {
  readonly #hash = createHash('sha256');
  count = 0;

  add({ kind, bytes }: RawLine): void {
    this.#hash.update(bytes);
    if (kind === 'entry') this.count += 1;
  }

  /** The trailer of the lines so far; more can be added afterwards. */
  build(): Buffer {
    return Buffer.from(trailerLine({ count: this.count, sha256: this.#hash.copy().digest('hex') }));
  }
}

/** Parses the whole line only if its start does not show what it is: values can be large. */
function classifyLine(bytes: Buffer): RawLine {
  const start = bytes.subarray(0, KEY_WITHIN).toString();
  if (start.startsWith('{"format":')) return { kind: 'header', bytes };
  if (start.startsWith('{"count":')) return { kind: 'trailer', bytes };
  const [, key] = /^\{"key":("(?:[^"\\]|\\.)*")/.exec(start) ?? [];
  if (key !== undefined) return { kind: 'entry', bytes, key: JSON.parse(key) as string };
  const parsed = JSON.parse(bytes.toString()) as { key?: unknown };
  if (typeof parsed.key !== 'string') throw new AppError('invalid', `not a line of an export: ${start.slice(0, 100)}`);
  return { kind: 'entry', bytes, key: parsed.key };
}
