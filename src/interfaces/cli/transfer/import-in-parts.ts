import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readExport } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import { compareKeys } from '../../../domain/key.js';
import type { ApiClient } from '../connection/api-client.js';
import { RetryPolicy } from '../connection/retry.js';
import { exportLines, LONGEST_LINE, type RawLine, TrailerBuilder } from './export-lines.js';

/** A part ends when it has this many entries or bytes; its last entry may go beyond the bytes. */
const MOST_ENTRIES = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** What an import did, added up over all parts. */
export interface ImportCounts {
  count: number;
  put: number;
  unchanged: number;
  expired: number;
}

/**
 * Merges an export part by part. Each part is sent as an export of its own, and sent again if the connection breaks.
 * With `after`, only entries after that key. `chunks` returns the file from its beginning, with its progress shown or
 * not.
 */
export async function importInParts(
  client: ApiClient,
  project: string,
  chunks: (withProgress: boolean) => AsyncIterable<Uint8Array>,
  after: string | undefined,
): Promise<ImportCounts> {
  await requireComplete(chunks(false));
  const total: ImportCounts = { count: 0, put: 0, unchanged: 0, expired: 0 };
  let lastKey = after;
  try {
    for await (const part of splitParts(chunks(true), after)) {
      await sendPart(client, project, part, total);
      const end = part.lines[part.lines.length - 1];
      if (end?.kind === 'entry') lastKey = end.key;
    }
    return total;
  } catch (error) {
    const { code, message } = error instanceof AppError ? error : { code: 'unavailable' as const, message: `${error}` };
    const advice =
      lastKey === undefined ? '' : `. The server has all up to ${JSON.stringify(lastKey)}: go on with --after`;
    throw new AppError(code, message + advice, { cause: error });
  }
}

/** Rejects with `invalid` at the first line that is wrong, so that nothing of a damaged file is written. */
async function requireComplete(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256');
  const digest = { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') };
  for await (const _ of readExport(chunks, digest, LONGEST_LINE));
}

/** The lines of an export, header first, without its trailer; and their line numbers in the file. */
interface Part {
  readonly lines: RawLine[];
  readonly numbers: number[];
}

async function* splitParts(chunks: AsyncIterable<Uint8Array>, after: string | undefined): AsyncGenerator<Part> {
  let part: Part = { lines: [], numbers: [] };
  let [number, bytes, parts] = [0, 0, 0];
  const add = (line: RawLine) => {
    part.lines.push(line);
    part.numbers.push(number);
  };
  for await (const line of exportLines(chunks)) {
    number += 1;
    if (line.kind === 'header') add(line);
    if (line.kind !== 'entry' || (after !== undefined && compareKeys(line.key, after) <= 0)) continue;
    add(line);
    bytes += line.bytes.length;
    if (part.lines.length <= MOST_ENTRIES && bytes < MOST_BYTES) continue;
    yield part;
    parts += 1;
    part = { lines: part.lines.slice(0, 1), numbers: [1] };
    bytes = 0;
  }
  // An import without entries is still sent, so that the server checks whether the key may import.
  if (part.lines.length > 1 || parts === 0) yield part;
}

async function sendPart(client: ApiClient, project: string, part: Part, total: ImportCounts): Promise<void> {
  const { lines, numbers } = part;
  const trailer = new TrailerBuilder();
  for (const line of lines) trailer.add(line);
  const body = [...lines.map((line) => line.bytes), trailer.build()];
  const retry = new RetryPolicy();
  for (;;) {
    try {
      const { data } = await client.call('POST', `${project}/import?mode=merge`, Readable.from(body));
      for (const name of ['count', 'put', 'unchanged', 'expired'] as const) total[name] += data[name];
      return;
    } catch (error) {
      await retry.wait(withFileLine(error, numbers));
    }
  }
}

/** The error, with the line number in the part replaced by the one in the file. */
function withFileLine(error: unknown, numbers: readonly number[]): unknown {
  if (!(error instanceof AppError)) return error;
  const message = error.message.replace(/^Line (\d+)/, (_, line) => `Line ${numbers[Number(line) - 1]}`);
  return new AppError(error.code, message, { cause: error });
}
