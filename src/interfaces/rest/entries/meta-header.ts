import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../../domain/errors.js';
import { type EntryMeta, entryMeta } from '../../../domain/json/entry-meta.js';
import { flag } from '../routing/query-parameters.js';

const HEADER = 'KV-Meta';
const DETAILS = { header: HEADER };

/** The query parameter for the metadata of a value, beside the header. */
export const metaParameters = { keep_meta: flag('Keeps the metadata that the entry has.') };

/** The metadata that a request gives to its value; none if it says nothing about it. */
export function metaOf(headers: IncomingHttpHeaders, query: { keep_meta?: boolean }): EntryMeta | 'keep' | undefined {
  const header = headers['kv-meta'];
  if (header === undefined) return query.keep_meta ? 'keep' : undefined;
  if (query.keep_meta) throw new AppError('invalid', `give only one of ${HEADER} and keep_meta`, { details: DETAILS });
  return readMetaHeader(String(header));
}

/** Throws `invalid` for a write that would ignore the header. */
export function refuseMeta(headers: IncomingHttpHeaders): void {
  if (headers['kv-meta'] === undefined) return;
  const message = `This route takes no ${HEADER}: only a PUT sets metadata, other writes keep what the entry has`;
  throw new AppError('invalid', message, { details: DETAILS });
}

/** The header of an entry with this metadata: in ASCII, which every JSON parser reads. */
export function metaHeader(meta: string): string {
  return meta.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON in ASCII, or percent-encoded. Throws `invalid` and `too_large`, naming the header. */
function readMetaHeader(header: string): EntryMeta {
  if (/[^\t\x20-\x7e]/.test(header)) {
    const message = `${HEADER} must be ASCII: write other characters as \\uXXXX, or percent-encode the JSON`;
    throw new AppError('invalid', message, { details: DETAILS });
  }
  return entryMeta(header.startsWith('%') ? percentDecoded(header) : header, HEADER, DETAILS);
}

function percentDecoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    const message = `${HEADER} begins like percent-encoded JSON, but is no percent-encoded UTF-8`;
    throw new AppError('invalid', message, { details: DETAILS });
  }
}
