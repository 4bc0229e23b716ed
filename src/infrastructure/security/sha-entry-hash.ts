import { createHash } from 'node:crypto';
import type { Entry } from '../../domain/entry.js';

/** The first 128 bits of SHA-256 over an entry's key, version, expiry, content type and value, each with its length. */
export function shaEntryHash({ key, version, expiresAt, contentType, value }: Entry): bigint {
  const head = JSON.stringify([key, version, expiresAt ?? null, contentType, value.length]);
  return BigInt(`0x${createHash('sha256').update(head).update(value).digest('hex').slice(0, 32)}`);
}
