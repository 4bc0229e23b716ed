import { createHash } from 'node:crypto';
import type { Entry } from '../../domain/entry.js';

/**
 * The first 128 bits of the SHA-256 of an entry: of a JSON list with its key, version, expiry, content type, metadata
 * and length of the value, then of the value. Entries that differ in any of these hash different bytes.
 */
export function shaEntryHash({ key, version, expiresAt, contentType, meta, value }: Entry): bigint {
  const head = JSON.stringify([key, version, expiresAt ?? null, contentType, meta ?? null, value.length]);
  return BigInt(`0x${createHash('sha256').update(head).update(value).digest('hex').slice(0, 32)}`);
}
