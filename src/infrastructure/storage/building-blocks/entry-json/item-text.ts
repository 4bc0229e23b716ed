import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { writeValue } from '../../../../domain/json/item-value.js';
import { formatVersion } from '../../../../domain/version.js';

/** Neighbours in a file often have the same. */
const createdText = lastOf((ms: number) => String(ms / 1000));
const updatedText = lastOf((ms: number) => String(ms / 1000));
const typeText = lastOf((type: string) => JSON.stringify(type));

/** An entry as a member of a store file: Simple-PyKV's members, then ours. With `oneLine` it has no line break. */
export function itemText(entry: Entry, oneLine: boolean): string {
  const { key, value, contentType, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const { json, encoding } = writeValue(value, oneLine);
  const expires = expiresAt === undefined ? '' : `, "expires_at": ${expiresAt / 1000}`;
  const created = createdText(createdAt);
  const updated = updatedAt === createdAt ? created : updatedText(updatedAt);
  const encoded = encoding === undefined ? '' : `, "encoding": "${encoding}"`;
  const described = meta === undefined ? '' : `, "meta": ${meta}`;
  return (
    `${JSON.stringify(key)}: {"created_at": ${created}, "updated_at": ${updated}, ` +
    `"size_bytes": ${value.length}, "value": ${json}, "version": "${formatVersion(version)}", ` +
    `"content_type": ${typeText(contentType)}${expires}${encoded}${described}}`
  );
}

/** The same, as bytes, with a checksum of that text, which shows later whether all members are as they were written. */
export function checkedItem(entry: Entry): Buffer {
  const bytes = Buffer.from(itemText(entry, false));
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from(`, "crc32": "${checksumOf(bytes)}"}`)]);
}

/** Whether an entry that was read with this checksum is as it was written. */
export function isAsWritten(entry: Entry, checksum: string): boolean {
  return checksum === checksumOf(Buffer.from(itemText(entry, false)));
}

/** Of bytes: node needs ten times as long for the same text as a string. */
function checksumOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Remembers what it last returned, and for what. */
function lastOf<T>(textOf: (value: T) => string): (value: T) => string {
  let last: T | undefined;
  let text = '';
  return (value) => {
    if (value !== last) [last, text] = [value, textOf(value)];
    return text;
  };
}
