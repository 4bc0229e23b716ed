import { type Entry, type EntryHead, entryOf, headOf } from '../../../../domain/entry.js';

// Values go to the server as binary: text would double them. Content types and metadata are bytes, too, so that the
// encoding of the database does not matter.

const BYTEA = 17;
const INT8 = 20;
const FLOAT8 = 701;

type Row = Readonly<Record<string, unknown>>;

/** Reads of entries name these, reads of heads the same without the value. */
export const HEAD_COLUMNS = 'key, version, created, updated, expires, type, meta';
export const COLUMNS = `${HEAD_COLUMNS}, value`;

export function entryFrom(row: Row): Entry {
  return entryOf({ ...membersFrom(row), value: row.value as Buffer });
}

/** A row of `HEAD_COLUMNS` and the length of the value as `size`. */
export function headFrom(row: Row): EntryHead {
  return { ...headOf(entryOf({ ...membersFrom(row), value: EMPTY })), sizeBytes: Number(row.size) };
}

const EMPTY = new Uint8Array(0);

function membersFrom({ key, version, created, updated, expires, type, meta }: Row) {
  return {
    key: (key as Buffer).toString(),
    contentType: (type as Buffer).toString(),
    version: Number(version),
    createdAt: created as number,
    updatedAt: updated as number,
    expiresAt: (expires as number | null) ?? undefined,
    meta: (meta as Buffer | null)?.toString(),
  };
}

/** An entry as parameters, in the order of the columns. */
export function rowOf(entry: Entry): unknown[] {
  const { key, version, createdAt, updatedAt, expiresAt, contentType, meta, value } = entry;
  return [
    Buffer.from(key),
    version,
    createdAt,
    updatedAt,
    expiresAt ?? null,
    Buffer.from(contentType),
    meta === undefined ? null : Buffer.from(meta),
    bytesOf(value),
  ];
}

/** Entries as parameters: an array for each column. What a row does not have is NULL. */
export function columnsOf(rows: readonly PartialEntry[]): Buffer[] {
  return [
    keyArray(rows.map(({ key }) => key)),
    int8Array(rows.map(({ version }) => version)),
    float8Array(rows.map(({ createdAt }) => createdAt)),
    float8Array(rows.map(({ updatedAt }) => updatedAt)),
    float8Array(rows.map(({ expiresAt }) => expiresAt)),
    textArray(rows.map(({ contentType }) => contentType)),
    textArray(rows.map(({ meta }) => meta)),
    byteaArray(rows.map(({ value }) => value && bytesOf(value))),
  ];
}

/** An entry, or no more than its key. */
type PartialEntry = Pick<Entry, 'key'> & Partial<Entry>;

export function keyArray(keys: readonly string[]): Buffer {
  return textArray(keys);
}

/** As bytes. */
export function textArray(texts: readonly (string | undefined)[]): Buffer {
  return byteaArray(texts.map((text) => (text === undefined ? undefined : Buffer.from(text))));
}

export function int8Array(numbers: readonly (number | undefined)[]): Buffer {
  return arrayOf(
    INT8,
    numbers.map((it) => eightBytes(it, (bytes, number) => bytes.writeBigInt64BE(BigInt(number)))),
  );
}

function float8Array(numbers: readonly (number | undefined)[]): Buffer {
  return arrayOf(
    FLOAT8,
    numbers.map((it) => eightBytes(it, (bytes, number) => bytes.writeDoubleBE(number))),
  );
}

function byteaArray(all: readonly (Buffer | undefined)[]): Buffer {
  return arrayOf(BYTEA, all);
}

function eightBytes(number: number | undefined, write: (bytes: Buffer, number: number) => unknown): Buffer | undefined {
  if (number === undefined) return undefined;
  const bytes = Buffer.allocUnsafe(8);
  write(bytes, number);
  return bytes;
}

function bytesOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** A one-dimensional array as `array_recv` of the server reads it; undefined is NULL. */
function arrayOf(type: number, items: readonly (Buffer | undefined)[]): Buffer {
  const header = Buffer.alloc(items.length === 0 ? 12 : 20);
  header.writeInt32BE(items.length === 0 ? 0 : 1, 0);
  header.writeInt32BE(items.includes(undefined) ? 1 : 0, 4);
  header.writeInt32BE(type, 8);
  if (items.length === 0) return header;
  header.writeInt32BE(items.length, 12);
  header.writeInt32BE(1, 16);
  const parts: Buffer[] = [header];
  for (const item of items) {
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(item === undefined ? -1 : item.length);
    parts.push(length);
    if (item !== undefined) parts.push(item);
  }
  return Buffer.concat(parts);
}
