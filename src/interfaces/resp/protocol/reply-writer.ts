import type { Reply } from '../../redis-commands/reply.js';

export type ProtocolVersion = 2 | 3;

/** The first size of the buffer into which replies are written, in bytes. */
const BUFFER_BYTES = 16 * 1024;
/** A longer value is sent as it is, without a copy. */
const MAX_COPIED = 16 * 1024;
/** A longer message of an error is cut. */
const MAX_ERROR_LENGTH = 1024;
const [CR, LF, DOLLAR, ZERO] = [13, 10, 36, 48];
/** More than the line of a number or a length takes. */
const LINE_BYTES = 32;

/**
 * Replies as bytes (https://redis.io/docs/latest/develop/reference/protocol-spec/). Version 2 has no maps, pushes and
 * doubles: they are arrays and strings there.
 */
export class ReplyWriter {
  version: ProtocolVersion = 2;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** How many bytes `take` would return. */
  get bytes(): number {
    return this.#bytes + this.#used;
  }

  /** What was written since the last call. */
  take(): readonly Uint8Array[] {
    this.#endChunk();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks;
  }

  write(reply: Reply): void {
    if (reply.type === 'bulk') this.#bulk(reply.bytes);
    else if (reply.type === 'array') this.#items('*', reply.items);
    else if (reply.type === 'set') this.#items(this.version === 3 ? '~' : '*', reply.items);
    else if (reply.type === 'map') this.#map(reply.entries);
    else if (reply.type === 'simple') this.#text(`+${reply.text}\r\n`);
    else if (reply.type === 'error') this.#text(`-${reply.code} ${errorText(reply.message)}\r\n`);
    else if (reply.type === 'double') this.#double(reply.value);
    else if (reply.type === 'integer') this.#line(`:${reply.value}\r\n`);
    else if (this.version === 3) this.#line('_\r\n');
    else this.#line(reply.type === 'nullArray' ? '*-1\r\n' : '$-1\r\n');
  }

  /** A message that is no reply, such as a notification. */
  push(items: readonly Reply[]): void {
    this.#items(this.version === 3 ? '>' : '*', items);
  }

  #items(kind: string, items: readonly Reply[]): void {
    this.#line(`${kind}${items.length}\r\n`);
    for (const item of items) this.write(item);
  }

  #map(entries: readonly (readonly [Reply, Reply])[]): void {
    this.#line(this.version === 3 ? `%${entries.length}\r\n` : `*${entries.length * 2}\r\n`);
    for (const [name, value] of entries) {
      this.write(name);
      this.write(value);
    }
  }

  #double(value: number): void {
    const text = doubleText(value);
    if (this.version === 3) this.#line(`,${text}\r\n`);
    else this.#bulk(Buffer.from(text));
  }

  #bulk(bytes: Uint8Array): void {
    if (bytes.length <= MAX_COPIED) {
      this.#reserve(LINE_BYTES + bytes.length + 2);
      this.#length(DOLLAR, bytes.length);
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    } else {
      this.#line(`$${bytes.length}\r\n`);
      this.#endChunk();
      this.#chunks.push(bytes);
      this.#bytes += bytes.length;
      this.#reserve(2);
    }
    this.#buffer[this.#used++] = CR;
    this.#buffer[this.#used++] = LF;
  }

  /** The line of a length that has at most five digits, without a string: there is room for it. */
  #length(kind: number, length: number): void {
    this.#buffer[this.#used++] = kind;
    let unit = length < 10 ? 1 : length < 100 ? 10 : length < 1000 ? 100 : length < 10_000 ? 1000 : 10_000;
    for (; unit >= 1; unit = Math.floor(unit / 10))
      this.#buffer[this.#used++] = ZERO + (Math.floor(length / unit) % 10);
    this.#buffer[this.#used++] = CR;
    this.#buffer[this.#used++] = LF;
  }

  /** A line of ASCII that is short. */
  #line(line: string): void {
    this.#reserve(LINE_BYTES);
    this.#used += this.#buffer.write(line, this.#used, 'latin1');
  }

  #text(line: string): void {
    this.#reserve(line.length * 3);
    this.#used += this.#buffer.write(line, this.#used);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    this.#endChunk();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
  }

  /** What was taken belongs to the socket: it is never written again. */
  #endChunk(): void {
    if (this.#used === 0) return;
    this.#chunks.push(this.#buffer.subarray(0, this.#used));
    this.#bytes += this.#used;
    this.#buffer =
      this.#buffer.length - this.#used >= BUFFER_BYTES / 4
        ? this.#buffer.subarray(this.#used)
        : Buffer.allocUnsafe(BUFFER_BYTES);
    this.#used = 0;
  }
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}

/** What a client sent may be in it: a line break would end the reply. */
function errorText(message: string): string {
  return message.slice(0, MAX_ERROR_LENGTH).replace(/[\r\n]+/g, ' ');
}
