import { AppError } from '../../../../domain/errors.js';
import { type EntryMeta, entryMeta } from '../../../../domain/json/entry-meta.js';
import type { JsonText } from '../../../../domain/json/outline.js';
import type { Operation } from '../../../../domain/operation.js';
import { DEFAULT_TYPES, formOf } from '../../../../domain/value.js';
import { schemaBodyReader } from '../../request/schema-body-reader.js';
import { type CloudflareExpiry, expiryOf } from './cloudflare-expiry.js';
import { isMultipart, readMultipart } from './multipart.js';

/** Cloudflare's limits of bulk requests. */
const MAX_KEYS = 10_000;
const MAX_READ_KEYS = 100;

const text = { type: 'string' };
const seconds = { type: 'number' };

interface Pair extends CloudflareExpiry {
  readonly key: string;
  readonly value: string;
  readonly base64?: boolean;
  readonly metadata?: JsonText;
}

interface BulkRead {
  readonly keys: readonly string[];
  readonly type?: 'text' | 'json';
  readonly withMetadata?: boolean;
}

const pairsOf = schemaBodyReader<readonly Pair[]>(
  {
    type: 'array',
    maxItems: MAX_KEYS,
    items: {
      type: 'object',
      properties: {
        key: text,
        value: text,
        base64: { type: 'boolean' },
        metadata: {},
        expiration: seconds,
        expiration_ttl: seconds,
      },
      required: ['key', 'value'],
      additionalProperties: false,
    },
  },
  new Set(['metadata']),
);

/** The keys of a bulk delete. */
export const readKeys = schemaBodyReader<readonly string[]>(
  { type: 'array', maxItems: MAX_KEYS, items: text },
  new Set(),
);

export const readBulkRead = schemaBodyReader<BulkRead>(
  {
    type: 'object',
    properties: {
      keys: { type: 'array', maxItems: MAX_READ_KEYS, items: text },
      type: { enum: ['text', 'json'] },
      withMetadata: { type: 'boolean' },
    },
    required: ['keys'],
    additionalProperties: false,
  },
  new Set(),
);

export const readTitle = schemaBodyReader<{ readonly title: string }>(
  { type: 'object', properties: { title: text }, required: ['title'], additionalProperties: false },
  new Set(),
);

/** The writes of a bulk put; `now` is in ms. */
export function readPairs(body: Buffer, now: number): readonly (Operation & { readonly kind: 'put' })[] {
  return pairsOf(body).map((pair, i) => {
    const value = bytesOf(pair, i);
    const meta = metadataOf(pair.metadata?.text, `[${i}].metadata`);
    const expiry = expiryOf(pair, now, `[${i}].`);
    return { kind: 'put', key: pair.key, value, contentType: DEFAULT_TYPES[formOf(value)], expiry, meta };
  });
}

/** The value and the metadata of a put: the body, or two parts of a form. */
export function readValue(
  body: Buffer,
  contentType: string | undefined,
): { readonly value: Buffer; readonly meta: EntryMeta | undefined } {
  if (!isMultipart(contentType)) return { value: body, meta: undefined };
  const parts = readMultipart(body, contentType as string);
  for (const name of parts.keys()) {
    if (name === 'value' || name === 'metadata') continue;
    const hint = name.startsWith('metadata[') ? '; send the metadata as JSON text, in one part "metadata"' : '';
    throw new AppError('invalid', `The form has an unknown part "${name.slice(0, 100)}"${hint}`);
  }
  const value = parts.get('value');
  if (value === undefined) throw new AppError('invalid', 'The form has no part "value"');
  return { value, meta: metadataOf(parts.get('metadata')?.toString(), 'metadata') };
}

/** Metadata is an object here; null is none. */
function metadataOf(json: string | undefined, path: string): EntryMeta | undefined {
  return json === undefined || json.trim() === 'null' ? undefined : entryMeta(json, path, { path });
}

function bytesOf({ value, base64 }: Pair, i: number): Buffer {
  const path = `[${i}].value`;
  if (!value.isWellFormed()) throw new AppError('invalid', `${path}: holds a lone surrogate`, { details: { path } });
  if (!base64) return Buffer.from(value);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === value.replace(/=+$/, '')) return bytes;
  throw new AppError('invalid', `${path}: is no base64`, { details: { path } });
}
