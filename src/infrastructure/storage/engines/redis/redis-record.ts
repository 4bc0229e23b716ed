import { contentBytes, type Entry, type EntryHead } from '../../../../domain/entry.js';
import { decodeHead, decodeRecord, encodeRecord } from '../../building-blocks/entry-record.js';
import { HEADER_BYTES } from './scripts.js';

/** More than the head of any record: content type and metadata have at most 64 KiB each. */
export const HEAD_BYTES = HEADER_BYTES + 44 + 2 * 65_536;

/** An entry as it is stored: see `scripts.ts`. */
export function encodeEntry(entry: Entry): Buffer {
  const { expiresAt } = entry;
  const bytes = `${contentBytes(entry)}`.padStart(10, '0');
  const expiry = expiresAt === undefined ? ''.padEnd(16) : `${expiresAt}`.padStart(16, '0');
  return Buffer.concat([Buffer.from(versionText(entry.version) + bytes + expiry), encodeRecord(entry)]);
}

/** A version as an entry begins with it; empty for a key that must not exist. */
export function versionText(version: number | undefined): string {
  return version === undefined ? '' : `${version}`.padStart(16, '0');
}

export function decodeEntry(key: string, stored: Buffer): Entry {
  return decodeRecord(key, stored.subarray(HEADER_BYTES));
}

/** Of the beginning of an entry that has `length` bytes. */
export function decodeEntryHead(key: string, stored: Buffer, length: number): EntryHead {
  const head = decodeHead(key, stored.subarray(HEADER_BYTES));
  return { ...head, sizeBytes: head.sizeBytes + length - stored.length };
}
