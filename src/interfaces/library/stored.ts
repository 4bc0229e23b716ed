import { type Entry, type EntryHead, headOf } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { formatVersion } from '../../domain/version.js';
import { decodeValue, type Refuse } from '../key-value-store/value-codec.js';
import type { Found, ReadAs, ReadValues, StoredHead } from '../key-value-store/values.js';

export const refuse: Refuse = (code, message) => new AppError(code, message);

/** An entry as the library returns it. */
export function toStored<T, A extends ReadAs>(entry: Entry, as: A | undefined): Found<T, A> {
  const value = decodeValue(entry.key, entry, as, refuse) as ReadValues<T>[A];
  return { ...toHead(headOf(entry)), value };
}

/** The same without the value. */
export function toHead({
  key,
  sizeBytes,
  version,
  contentType,
  createdAt,
  updatedAt,
  expiresAt,
  meta,
}: EntryHead): StoredHead {
  return {
    key,
    version: formatVersion(version),
    contentType,
    sizeBytes,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    meta: meta === undefined ? undefined : JSON.parse(meta),
  };
}
