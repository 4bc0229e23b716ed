import type { Entry } from '../../domain/entry.js';

/** A SHA-256 over bytes that come in pieces. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** The digest in hexadecimal. Call it once, last. */
  hex(): string;
}
export type NewDigest = () => Digest;
export const NewDigest = Symbol('NewDigest');

/** A hash over an entry's key, version, expiry, content type, value and metadata: an unsigned integer of 128 bits. */
export type EntryHash = (entry: Entry) => bigint;
export const EntryHash = Symbol('EntryHash');
