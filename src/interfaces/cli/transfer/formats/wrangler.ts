import { AppError } from '../../../../domain/errors.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { arrayRows, entriesOf, objectMembers } from '../reading/rows.js';
import { hasMembers } from '../reading/sample.js';
import type { Format } from './format.js';
import { isKeyvValue } from './keyv.js';

const MEMBERS = ['key', 'value', 'base64', 'expiration', 'expiration_ttl', 'metadata'];

/** The file of `wrangler kv bulk put`: an array of entries whose values are strings. */
export const wrangler: Format = {
  recognizes: ({ container, firstElement }) =>
    container === '[' && hasMembers(firstElement?.value, 'key', 'value') && isBulkEntry(firstElement.value),
  read: (chunks, { now }) => entriesOf(arrayRows(chunks), (row) => membersOf(row, now)),
};

function isBulkEntry(entry: Record<string, unknown>): boolean {
  if (typeof entry.value !== 'string' || isKeyvValue(entry.value)) return false;
  return Object.keys(entry).every((name) => MEMBERS.includes(name));
}

function membersOf(row: Buffer, now: number): LineMembers {
  const { key, value, base64, expiration, expiration_ttl: ttl, metadata } = objectMembers(row, MEMBERS, ['metadata']);
  if (typeof value !== 'string') throw new AppError('invalid', 'has a value that is not a string');
  if (ttl !== undefined && typeof ttl !== 'number')
    throw new AppError('invalid', 'has an expiration_ttl that is not a number');
  return {
    key,
    [base64 === true ? 'base64' : 'text']: value,
    meta: metadata instanceof JsonText && metadata.text !== 'null' ? metadata : undefined,
    // As Cloudflare does: if both are there, the time to live counts.
    expires_at: ttl === undefined ? (expiration ?? undefined) : now / 1000 + ttl,
  };
}
