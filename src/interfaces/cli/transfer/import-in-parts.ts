import { Readable } from 'node:stream';
import type { NumberedEntry } from '../../../application/transfer/read-export.js';
import { entryBytes } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { compareKeys } from '../../../domain/key.js';
import type { ApiClient } from '../connection/api-client.js';
import { RetryPolicy } from '../connection/retry.js';
import { toExport, withFileLine } from './to-export.js';

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

export interface PartsOptions {
  /** Only entries after this key. */
  readonly after: string | undefined;
  /** Whether the entries are in the order of their keys, so that an import can continue after one. */
  readonly inOrder: boolean;
}

/**
 * Merges the entries of a file part by part. Each part is sent as an export, and sent again if the connection breaks.
 * `entries` returns them from the beginning, with the progress shown or not. Nothing is written if one is wrong.
 */
export async function importInParts(
  client: ApiClient,
  project: string,
  entries: (withProgress: boolean) => AsyncIterable<NumberedEntry>,
  { after, inOrder }: PartsOptions,
): Promise<ImportCounts> {
  for await (const _ of entries(false));
  const total: ImportCounts = { count: 0, put: 0, unchanged: 0, expired: 0 };
  let lastKey = after;
  try {
    for await (const part of splitParts(entries(true), after)) {
      await sendPart(client, project, part, total);
      lastKey = part.at(-1)?.entry.key ?? lastKey;
    }
    return total;
  } catch (error) {
    const { code, message } = error instanceof AppError ? error : { code: 'unavailable' as const, message: `${error}` };
    throw new AppError(code, message + adviceAfter(lastKey, inOrder), { cause: error });
  }
}

function adviceAfter(lastKey: string | undefined, inOrder: boolean): string {
  if (lastKey === undefined) return '';
  if (inOrder) return `. The server has all up to ${JSON.stringify(lastKey)}: go on with --after`;
  return '. The server has a part of the file: import it again, which does not write that part again';
}

async function* splitParts(
  entries: AsyncIterable<NumberedEntry>,
  after: string | undefined,
): AsyncGenerator<readonly NumberedEntry[]> {
  let part: NumberedEntry[] = [];
  let [bytes, parts] = [0, 0];
  for await (const numbered of entries) {
    if (after !== undefined && compareKeys(numbered.entry.key, after) <= 0) continue;
    part.push(numbered);
    bytes += entryBytes(numbered.entry);
    if (part.length < MOST_ENTRIES && bytes < MOST_BYTES) continue;
    yield part;
    parts += 1;
    part = [];
    bytes = 0;
  }
  // An import without entries is still sent, so that the server checks whether the key may import.
  if (part.length > 0 || parts === 0) yield part;
}

async function sendPart(
  client: ApiClient,
  project: string,
  part: readonly NumberedEntry[],
  total: ImportCounts,
): Promise<void> {
  const retry = new RetryPolicy();
  for (;;) {
    const lines: number[] = [];
    try {
      const body = Readable.from(toExport(project, part, lines));
      const { data } = await client.call('POST', `${project}/import?mode=merge`, body);
      for (const name of ['count', 'put', 'unchanged', 'expired'] as const) total[name] += data[name];
      return;
    } catch (error) {
      await retry.wait(withFileLine(error, lines));
    }
  }
}
