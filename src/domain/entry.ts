/** One stored value and its metadata. Times in ms since 1970. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly contentType: string;
  /** Strictly increasing over the life of a project; see `version.ts`. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The first instant at which the entry no longer exists, in whole ms. */
  readonly expiresAt?: number;
  /** What its client says about it: the text of a JSON object, see `json/entry-meta.ts`. */
  readonly meta?: string;
}

/** An entry without its value. */
export interface EntryHead extends Omit<Entry, 'value'> {
  /** The length of the value. */
  readonly sizeBytes: number;
}

/** The entry without its value. Members by name: to take the rest of an object takes 20 times the time. */
export function headOf({ key, value, contentType, version, createdAt, updatedAt, expiresAt, meta }: Entry): EntryHead {
  const head: { -readonly [Name in keyof EntryHead]: EntryHead[Name] } = {
    key,
    contentType,
    version,
    createdAt,
    updatedAt,
    sizeBytes: value.length,
  };
  if (expiresAt !== undefined) head.expiresAt = expiresAt;
  if (meta !== undefined) head.meta = meta;
  return head;
}

/** The members of an entry, undefined if it does not have them. */
export type EntryMembers = Omit<Entry, 'expiresAt' | 'meta'> & {
  readonly expiresAt: number | undefined;
  readonly meta: string | undefined;
};

/** An entry of its members. Spread objects would take 20 times the time, and twice the memory if they are kept. */
export function entryOf(members: EntryMembers): Entry {
  const { key, value, contentType, version, createdAt, updatedAt, expiresAt, meta } = members;
  if (meta === undefined) {
    if (expiresAt === undefined) return { key, value, contentType, version, createdAt, updatedAt };
    return { key, value, contentType, version, createdAt, updatedAt, expiresAt };
  }
  if (expiresAt === undefined) return { key, value, contentType, version, createdAt, updatedAt, meta };
  return { key, value, contentType, version, createdAt, updatedAt, expiresAt, meta };
}

/** What an entry adds to `Store.size().bytes`: the lengths of its key, its value and its metadata, in UTF-8. */
export function entryBytes(entry: Pick<Entry, 'key' | 'value' | 'meta'>): number {
  return Buffer.byteLength(entry.key) + contentBytes(entry);
}

/** The lengths of its value and its metadata. */
export function contentBytes({ value, meta }: Pick<Entry, 'value' | 'meta'>): number {
  return meta === undefined ? value.length : value.length + Buffer.byteLength(meta);
}

/** Whether the entry still exists for a client at the time `now` (ms). */
export function isLive(entry: Pick<Entry, 'expiresAt'>, now: number): boolean {
  return entry.expiresAt === undefined || entry.expiresAt > now;
}
