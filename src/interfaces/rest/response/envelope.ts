import type { Entry, EntryHead } from '../../../domain/entry.js';
import { formFor, formOf, type ValueView } from '../../../domain/value.js';
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
 * An entry as JSON text. Without a view the value depends on the bytes: JSON as it was stored, other text as a string,
 * anything else as base64, and only that is marked. Times are in seconds. `more` has further members, as JSON text that
 * ends with a comma.
 */
export function itemJson(entry: ShownEntry, view?: ValueView, more = ''): string {
  const buffer = Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.length);
  const form = view === undefined ? formOf(buffer) : formFor(view, buffer, entry.contentType);
  const value =
    form === 'json' ? buffer.toString() : JSON.stringify(buffer.toString(form === 'text' ? 'utf8' : 'base64'));
  const encoding = view === undefined && form !== 'base64' ? '' : `"encoding":"${form}",`;
  return membersJson(entry, buffer.length, more, encoding, `"value":${value},`);
}

/** An entry as JSON text, without its value. */
export function metadataJson(entry: EntryHead, more = ''): string {
  return membersJson(entry, entry.sizeBytes, more);
}

function membersJson(entry: Omit<ShownEntry, 'value'>, size: number, more: string, encoding = '', value = ''): string {
  const expires = entry.expiresAt === undefined ? '' : `"expires_at":${entry.expiresAt / 1000},`;
  const meta = entry.meta === undefined ? '' : `"meta":${entry.meta},`;
  const created = Math.floor(entry.createdAt / 1000);
  const updated = Math.floor(entry.updatedAt / 1000);
  return (
    `{${more}"content_type":${JSON.stringify(entry.contentType)},"created_at":${created},${encoding}${expires}` +
    `${meta}"size_bytes":${size},"updated_at":${updated},${value}` +
    `"version":"${formatVersion(entry.version)}"}`
  );
}
