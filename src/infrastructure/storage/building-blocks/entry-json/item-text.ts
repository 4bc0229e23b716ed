import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { writeValue } from '../../../../domain/json/item-value.js';
import { formatVersion } from '../../../../domain/version.js';

/** An entry as a member of a store file: Simple-PyKV's members, then ours. With `oneLine` it has no line break. */
export function itemText(entry: Entry, oneLine: boolean): string {
  const { key, value, contentType, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const { json, encoding } = writeValue(value, oneLine);
  const expires = expiresAt === undefined ? '' : `, "expires_at": ${expiresAt / 1000}`;
  const encoded = encoding === undefined ? '' : `, "encoding": "${encoding}"`;
  const described = meta === undefined ? '' : `, "meta": ${meta}`;
  return (
    `${JSON.stringify(key)}: {"created_at": ${createdAt / 1000}, "updated_at": ${updatedAt / 1000}, ` +
    `"size_bytes": ${value.length}, "value": ${json}, "version": "${formatVersion(version)}", ` +
    `"content_type": ${JSON.stringify(contentType)}${expires}${encoded}${described}}`
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
