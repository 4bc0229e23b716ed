import { createHash } from 'node:crypto';
import { splitLines } from '../../../application/transfer/split-lines.js';
import { AppError } from '../../../domain/errors.js';
import { trailerLine } from '../../../domain/export-line.js';

const NEWLINE = 10;
/** No line of an export that one asked for is longer, in bytes. */
export const LONGEST_LINE = 1024 * 1024 * 1024;
/** Within so many bytes of an entry's line its key ends. */
const KEY_WITHIN = 8 * 1024;

/** A line of an export. */
export type Line =
  | { readonly kind: 'header' | 'trailer'; readonly bytes: Buffer }
  | { readonly kind: 'entry'; readonly bytes: Buffer; readonly key: string };

/** The whole lines of an export. What comes behind the last newline is left out: it was cut off. */
export async function* exportLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  for await (const bytes of splitLines(chunks, LONGEST_LINE)) {
    if (bytes[bytes.length - 1] === NEWLINE) yield lineOf(bytes);
  }
}

/** What a trailer says of the lines before it: their entries and SHA-256. */
export class Tally {
  readonly #hash = createHash('sha256');
  count = 0;

  add({ kind, bytes }: Line): void {
    this.#hash.update(bytes);
    if (kind === 'entry') this.count += 1;
  }

  trailer(): Buffer {
    return Buffer.from(trailerLine({ count: this.count, sha256: this.#hash.copy().digest('hex') }));
  }
}

function lineOf(bytes: Buffer): Line {
  const start = bytes.subarray(0, KEY_WITHIN).toString();
  if (start.startsWith('{"format":')) return { kind: 'header', bytes };
  if (start.startsWith('{"count":')) return { kind: 'trailer', bytes };
  const [, key] = /^\{"key":("(?:[^"\\]|\\.)*")/.exec(start) ?? [];
  if (key !== undefined) return { kind: 'entry', bytes, key: JSON.parse(key) as string };
  const parsed = JSON.parse(bytes.toString()) as { key?: unknown };
  if (typeof parsed.key !== 'string') throw new AppError('invalid', `is no line of an export: ${start.slice(0, 100)}`);
  return { kind: 'entry', bytes, key: parsed.key };
}
