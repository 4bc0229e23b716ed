import { type Entry, entryOf } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { isJson, skipJson, skipSpace, skipString } from '../../../../domain/json/bytes.js';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { entryMeta } from '../../../../domain/json/entry-meta.js';
import { readValue, withoutSpace } from '../../../../domain/json/item-value.js';
import { DEFAULT_TYPES } from '../../../../domain/value.js';
import { parseVersion } from '../../../../domain/version.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { isTextAt, plainTime, plainVersion } from './plain-members.js';

const MEMBERS = [
  'created_at',
  'updated_at',
  'size_bytes',
  'value',
  'version',
  'content_type',
  'expires_at',
  'encoding',
  'crc32',
  'meta',
] as const;
type Member = (typeof MEMBERS)[number];
const INDEXES = Object.fromEntries(MEMBERS.map((name, i) => [name, i])) as Readonly<Record<Member, number>>;

const { OPEN_BRACE, CLOSE_BRACE, QUOTE, COLON, COMMA } = CHARACTERS;

/** Reads one item of a store file at a time: `scan` finds its members, `entry` makes an entry of them. */
export class ItemScanner {
  /** Where the value of each member begins and ends, by its index in MEMBERS; an end of 0 if it is missing. */
  readonly #spans = new Int32Array(2 * MEMBERS.length);
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;
  /** The content type that was read last as a JSON string: most entries have that of the one before. */
  #lastType = { literal: '', text: '' };

  /** The position after the item that begins at `from`; -1 if it is cut off or no JSON. Throws `MalformedDataError`. */
  scan(bytes: Buffer, from: number): number {
    this.#bytes = bytes;
    this.#from = from;
    this.#spans.fill(0);
    if (bytes[from] !== OPEN_BRACE) throw new MalformedDataError('has an entry that is no object', from);
    let at = skipSpace(bytes, from + 1);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (let i = 0; ; i++) {
      at = this.#scanMember(at, i);
      if (at < 0) return -1;
      if (bytes[at] === CLOSE_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = skipSpace(bytes, at + 1);
    }
  }

  /** The entry that was scanned. `time` replaces times that it does not have. Throws `MalformedDataError`. */
  entry(key: string, time?: number): Entry {
    const encoding = this.#string('encoding');
    const end = this.#end('value');
    if (end === 0) throw this.#malformed('"value" is missing');
    const read = readValue(this.#bytes.subarray(this.#start('value'), end), encoding);
    if (typeof read === 'string') throw this.#malformed(read);
    const named = this.#contentType();
    const contentType = named ?? DEFAULT_TYPES[read.form];
    // Simple-PyKV names no type. It indents its file, but serves and counts the value without that space.
    const value = named === undefined && isJson(read.value) ? withoutSpace(read.value) : read.value;
    const createdAt = this.#time('created_at') ?? time;
    const updatedAt = this.#time('updated_at') ?? time;
    if (createdAt === undefined) throw this.#malformed('"created_at" is missing');
    if (updatedAt === undefined) throw this.#malformed('"updated_at" is missing');
    const expiresAt = this.#time('expires_at');
    const version = this.#version(updatedAt);
    return entryOf({ key, value, contentType, version, createdAt, updatedAt, expiresAt, meta: this.#meta() });
  }

  /** The checksum of the item that was scanned, see `checkedItem`; undefined if it has none. */
  get checksum(): string | undefined {
    return this.#string('crc32');
  }

  /** `likely` is the index in MEMBERS that it most likely has. */
  #scanMember(from: number, likely: number): number {
    const bytes = this.#bytes;
    const isLikely = isNameAt(MEMBERS[likely], bytes, from);
    const nameEnd = isLikely ? from + (MEMBERS[likely] as Member).length + 2 : skipString(bytes, from);
    if (nameEnd < 0) return -1;
    const index = isLikely ? likely : MEMBERS.findIndex((name) => isNameAt(name, bytes, from));
    if (index < 0)
      throw this.#malformed(`has an unknown member ${bytes.toString('utf8', from, Math.min(nameEnd, from + 80))}`);
    if (this.#spans[2 * index + 1] !== 0) throw this.#malformed(`has "${MEMBERS[index]}" twice`);
    let at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== COLON) return -1;
    at = skipSpace(bytes, at + 1);
    const end = skipJson(bytes, at, Number.POSITIVE_INFINITY, true);
    if (end < 0) return -1;
    this.#spans[2 * index] = at;
    this.#spans[2 * index + 1] = end;
    return skipSpace(bytes, end);
  }

  /** Where the value of the member ends; 0 if there is none. */
  #end(member: Member): number {
    return this.#spans[2 * INDEXES[member] + 1] as number;
  }

  #start(member: Member): number {
    return this.#spans[2 * INDEXES[member]] as number;
  }

  #string(member: Member): string | undefined {
    const end = this.#end(member);
    if (end === 0) return undefined;
    const start = this.#start(member);
    if (this.#bytes[start] !== QUOTE) throw this.#malformed(`"${member}" is no string`);
    return parseString(this.#bytes, start, end);
  }

  #contentType(): string | undefined {
    const [start, end] = [this.#start('content_type'), this.#end('content_type')];
    if (end > 0 && isTextAt(this.#lastType.literal, this.#bytes, start, end)) return this.#lastType.text;
    const text = this.#string('content_type');
    if (text !== undefined) this.#lastType = { literal: this.#bytes.toString('latin1', start, end), text };
    return text;
  }

  /** In ms. */
  #time(member: Member): number | undefined {
    const end = this.#end(member);
    if (end === 0) return undefined;
    const start = this.#start(member);
    const plain = plainTime(this.#bytes, start, end);
    if (plain !== undefined) return plain;
    const time = Math.round(Number(this.#bytes.toString('latin1', start, end)) * 1000);
    if (!(time >= 0 && time <= Number.MAX_SAFE_INTEGER)) throw this.#malformed(`"${member}" is no time in seconds`);
    return time;
  }

  /** Simple-PyKV has none: then it is the time of the last change, in microseconds as all versions are. */
  #version(updatedAt: number): number {
    const plain = plainVersion(this.#bytes, this.#start('version'), this.#end('version'));
    if (plain !== undefined && plain > 0) return plain;
    const text = this.#string('version');
    const version =
      text === undefined ? Math.max(1, Math.min(updatedAt * 1000, Number.MAX_SAFE_INTEGER)) : parseVersion(text);
    if (version === undefined || version < 1) throw this.#malformed('"version" is none');
    return version;
  }

  /** As `entryMeta` makes it, whatever space an editor put there. */
  #meta(): string | undefined {
    const end = this.#end('meta');
    if (end === 0) return undefined;
    try {
      return entryMeta(this.#bytes.toString('utf8', this.#start('meta'), end), '"meta"');
    } catch (error) {
      throw error instanceof AppError ? this.#malformed(error.message) : error;
    }
  }

  #malformed(why: string): MalformedDataError {
    return new MalformedDataError(`has an entry that cannot be read: ${why}`, this.#from);
  }
}

/** The string that the JSON string literal between the two positions stands for; `isAscii` if it is known to be. */
export function parseString(bytes: Buffer, from: number, end: number, isAscii = false): string {
  const inner = bytes.toString(isAscii ? 'latin1' : 'utf8', from + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(`"${inner}"`) : inner;
}

/** Whether the bytes from here on are the name as a JSON string. */
function isNameAt(name: string | undefined, bytes: Uint8Array, from: number): boolean {
  if (name === undefined || bytes[from] !== QUOTE) return false;
  const end = from + 1 + name.length;
  return bytes[end] === QUOTE && isTextAt(name, bytes, from + 1, end);
}
