import type { Entry } from '../../../domain/entry.js';
import { formOf } from '../../../domain/value.js';
import { formatVersion } from '../../../domain/version.js';

/** A successful response in the envelope. `data` and `system` are JSON texts and are inserted as they are. */
export function envelope(status: number, system: string, data: string, message: string): string {
  return `{"System":${system},"data":${data},"message":${JSON.stringify(message)},"status_code":${status}}\n`;
}

/** Like `envelope`, with the data as a stream of JSON text. */
export async function* envelopeStream(
  status: number,
  system: string,
  data: AsyncIterable<string>,
  message: string,
): AsyncGenerator<string> {
  yield `{"System":${system},"data":`;
  yield* data;
  yield `,"message":${JSON.stringify(message)},"status_code":${status}}\n`;
}

/** What a response shows of an entry. */
type ShownEntry = Omit<Entry, 'key' | 'expiresAt' | 'meta'> & {
  readonly expiresAt?: number | undefined;
  readonly meta?: string | undefined;
};

/**
 * An entry as JSON text. The value depends on the bytes: JSON as it was stored, other text as a string, anything else
 * as base64. Times are in seconds. `more` has further members, as JSON text that ends with a comma.
 */
export function itemJson(entry: ShownEntry, more = ''): string {
  const buffer = Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.length);
  const form = formOf(buffer);
  const value =
    form === 'json' ? buffer.toString() : JSON.stringify(buffer.toString(form === 'text' ? 'utf8' : 'base64'));
  const expires = entry.expiresAt === undefined ? '' : `"expires_at":${entry.expiresAt / 1000},`;
  const meta = entry.meta === undefined ? '' : `"meta":${entry.meta},`;
  const encoding = form === 'base64' ? '"encoding":"base64",' : '';
  const created = Math.floor(entry.createdAt / 1000);
  const updated = Math.floor(entry.updatedAt / 1000);
  return (
    `{${more}"content_type":${JSON.stringify(entry.contentType)},"created_at":${created},${encoding}${expires}` +
    `${meta}"size_bytes":${buffer.length},"updated_at":${updated},"value":${value},` +
    `"version":"${formatVersion(entry.version)}"}`
  );
}
