import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readExport } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import { compareKeys } from '../../../domain/key.js';
import type { ApiClient } from '../api-client.js';
import { RetryPolicy } from '../retry.js';
import { exportLines, type Line, LONGEST_LINE, Tally } from './export-lines.js';

/** How large a part is, in entries and bytes, but for a larger entry. */
const MOST_ENTRIES = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** What an import did, in all parts together. */
export interface ImportSum {
  count: number;
  put: number;
  unchanged: number;
  expired: number;
}

/**
 * Merges an export part by part, each an export of its own, and each again where the connection breaks; only entries behind `after`.
 * `chunks` gives the file from its beginning, with its progress shown or not.
 */
export async function importInParts(
  client: ApiClient,
  project: string,
  chunks: (shown: boolean) => AsyncIterable<Uint8Array>,
  after: string | undefined,
): Promise<ImportSum> {
  await requireWhole(chunks(false));
  const sum: ImportSum = { count: 0, put: 0, unchanged: 0, expired: 0 };
  let last = after;
  try {
    for await (const part of partsOf(chunks(true), after)) {
      await send(client, project, part, sum);
      const end = part.lines[part.lines.length - 1];
      if (end?.kind === 'entry') last = end.key;
    }
    return sum;
  } catch (error) {
    const { code, message } = error instanceof AppError ? error : { code: 'unavailable' as const, message: `${error}` };
    const advice = last === undefined ? '' : `. Stored is all up to ${JSON.stringify(last)}: go on with --after`;
    throw new AppError(code, message + advice, { cause: error });
  }
}

/** Rejects with `invalid` at the first line that is wrong: nothing of a damaged file is to be written. */
async function requireWhole(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256');
  const digest = { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') };
  for await (const _ of readExport(chunks, digest, LONGEST_LINE));
}

/** Lines that are an export without its trailer, the header first, and their numbers in the file. */
interface Part {
  readonly lines: Line[];
  readonly numbers: number[];
}

async function* partsOf(chunks: AsyncIterable<Uint8Array>, after: string | undefined): AsyncGenerator<Part> {
  let part: Part = { lines: [], numbers: [] };
  let [number, bytes, sent] = [0, 0, 0];
  const add = (line: Line) => {
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
    sent += 1;
    part = { lines: part.lines.slice(0, 1), numbers: [1] };
    bytes = 0;
  }
  // Nothing to send is worth a question, too: whether one may.
  if (part.lines.length > 1 || sent === 0) yield part;
}

async function send(client: ApiClient, project: string, { lines, numbers }: Part, sum: ImportSum): Promise<void> {
  const tally = new Tally();
  for (const line of lines) tally.add(line);
  const body = [...lines.map((line) => line.bytes), tally.trailer()];
  const patience = new RetryPolicy();
  for (;;) {
    try {
      const { data } = await client.call('POST', `${project}/import?mode=merge`, Readable.from(body));
      for (const name of ['count', 'put', 'unchanged', 'expired'] as const) sum[name] += data[name];
      return;
    } catch (error) {
      await patience.wait(inFile(error, numbers));
    }
  }
}

/** The error with the number that its line has in the file. */
function inFile(error: unknown, numbers: readonly number[]): unknown {
  if (!(error instanceof AppError)) return error;
  const message = error.message.replace(/^Line (\d+)/, (_, line) => `Line ${numbers[Number(line) - 1]}`);
  return new AppError(error.code, message, { cause: error });
}
