import { inlineArguments } from './inline-arguments.js';
import { ProtocolError } from './protocol-error.js';
import type { WordTable } from './word-table.js';

/** The most that a client may send in one command. */
export interface RequestLimits {
  /** Words, the name of the command included. */
  readonly arguments: number;
  /** Bytes of one word. */
  readonly argumentBytes: number;
  /** Bytes of all words together. */
  readonly requestBytes: number;
}

/** A line without a length, and the line of a length. */
const MAX_INLINE_BYTES = 64 * 1024;
const MAX_LENGTH_LINE = 32;
const [CR, LF, ARRAY, BULK, MINUS, ZERO] = [13, 10, 42, 36, 45, 48];
/** So many words have their place when a command begins: few have more. */
const MAX_PLACES = 8;
/** More digits than any length that is allowed. */
const MAX_DIGITS = 10;
const EMPTY: Buffer = Buffer.alloc(0);
/** Nothing is written into it: a command that begins has a list of its own. */
const NO_WORDS: Buffer[] = [];

/**
 * The commands in what a client sends, as arrays of bulk strings or as lines of words (the protocol's specification:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/). What it returns are views on what was pushed, but the
 * first word of an array is that of the table, if it is there.
 */
export class RequestParser {
  readonly #limitsNow: () => RequestLimits;
  readonly #names: WordTable;
  /** Of the command that has begun. */
  #limits: RequestLimits;
  /** What was pushed and not read yet. */
  #bytes = EMPTY;
  #at = 0;
  /** Pieces of a word that is longer than what has arrived. */
  #pieces: Buffer[] = [];
  #words = NO_WORDS;
  #found = 0;
  /** How many words of the command are still to come; 0 between commands. */
  #missing = 0;
  /** The bytes of the word that has begun, with its line end; undefined before its length. */
  #wordBytes: number | undefined;
  #requestBytes = 0;
  #commands = 0;

  /** The limits may change with each command. */
  constructor(limits: () => RequestLimits, names: WordTable) {
    this.#limitsNow = limits;
    this.#limits = limits();
    this.#names = names;
  }

  push(chunk: Buffer): void {
    const rest = this.#at < this.#bytes.length ? this.#bytes.subarray(this.#at) : undefined;
    this.#bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next command; undefined until more is pushed. Throws `ProtocolError`, after which nothing can be read. */
  next(): Buffer[] | undefined {
    for (;;) {
      if (this.#missing === 0) {
        const begun = this.#begin();
        if (begun === undefined) return undefined;
        if (begun.length === 0) continue;
        this.#commands += 1;
        return begun;
      }
      const word = this.#word();
      if (word === undefined) return undefined;
      this.#words[this.#found++] = word;
      this.#missing -= 1;
      if (this.#missing > 0) continue;
      const words = this.#words;
      // A connection that is idle keeps nothing of its last command.
      this.#words = NO_WORDS;
      this.#requestBytes = 0;
      this.#commands += 1;
      return words;
    }
  }

  /** How many commands were read. */
  get commands(): number {
    return this.#commands;
  }

  /** Whether a command has begun and is not complete. */
  get isWithin(): boolean {
    return this.#missing > 0 || this.#at < this.#bytes.length;
  }

  /** The words of a line; none if an array begins, or if the line is empty; undefined until the line is complete. */
  #begin(): Buffer[] | undefined {
    if (this.#at >= this.#bytes.length) return undefined;
    if (this.#bytes[this.#at] !== ARRAY) {
      const line = this.#line();
      return line && requireNoHttp(inlineArguments(line));
    }
    const count = this.#length();
    if (count === undefined) return undefined;
    this.#limits = this.#limitsNow();
    if (Number.isNaN(count) || count > this.#limits.arguments) throw new ProtocolError('invalid multibulk length');
    this.#missing = Math.max(0, count);
    this.#words = new Array(Math.min(this.#missing, MAX_PLACES));
    this.#found = 0;
    return [];
  }

  /** The next word of an array; undefined until it is complete. */
  #word(): Buffer | undefined {
    if (this.#wordBytes === undefined) {
      if (this.#at >= this.#bytes.length) return undefined;
      const first = this.#bytes[this.#at] as number;
      if (first !== BULK) throw new ProtocolError(`expected '$', got '${printable(first)}'`);
      const length = this.#length();
      if (length === undefined) return undefined;
      const { argumentBytes, requestBytes } = this.#limits;
      if (Number.isNaN(length) || length < 0 || length > argumentBytes) throw new ProtocolError('invalid bulk length');
      this.#requestBytes += length;
      if (this.#requestBytes > requestBytes) throw new ProtocolError('too big request');
      this.#wordBytes = length + 2;
    }
    return this.#take(this.#wordBytes);
  }

  /** So many bytes without the line end; a long word is gathered piece by piece. */
  #take(length: number): Buffer | undefined {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      if (this.#at < this.#bytes.length) {
        const piece = this.#bytes.subarray(this.#at);
        this.#pieces.push(piece);
        this.#wordBytes = length - piece.length;
        this.#at = this.#bytes.length;
      }
      return undefined;
    }
    const begin = this.#at;
    this.#at = end;
    this.#wordBytes = undefined;
    if (this.#pieces.length === 0) {
      const name = this.#found === 0 ? this.#names.find(this.#bytes, begin, end - 2) : undefined;
      return name ?? this.#bytes.subarray(begin, end - 2);
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    return Buffer.concat([...pieces, this.#bytes.subarray(begin, end)]).subarray(0, -2);
  }

  /** The number on a line after its first byte, or `NaN`; undefined until the line is complete. */
  #length(): number | undefined {
    const last = Math.min(this.#bytes.length, this.#at + MAX_LENGTH_LINE + 1);
    let end = this.#at + 1;
    while (end < last && this.#bytes[end] !== LF) end += 1;
    if (end === last) {
      if (end - this.#at > MAX_LENGTH_LINE) throw new ProtocolError('too big count string');
      return undefined;
    }
    const length = numberIn(this.#bytes, this.#at + 1, this.#bytes[end - 1] === CR ? end - 1 : end);
    this.#at = end + 1;
    return length;
  }

  /** The line up to its end, without it; undefined until it is complete. */
  #line(): Buffer | undefined {
    const end = this.#bytes.indexOf(LF, this.#at);
    if ((end < 0 ? this.#bytes.length : end) - this.#at > MAX_INLINE_BYTES) {
      throw new ProtocolError('too big inline request');
    }
    if (end < 0) return undefined;
    const line = this.#bytes.subarray(this.#at, this.#bytes[end - 1] === CR && end > this.#at ? end - 1 : end);
    this.#at = end + 1;
    return line;
  }
}

/** A page of any site can make a browser send HTTP here, with commands as its body. */
function requireNoHttp(words: Buffer[]): Buffer[] {
  const name = words[0]?.toString('latin1', 0, 8).toLowerCase();
  if (name === 'post' || name === 'host:') throw new ProtocolError('this is not an HTTP server');
  return words;
}

/** The decimal number between two positions, which may be negative, or `NaN`. */
function numberIn(bytes: Buffer, from: number, to: number): number {
  const isNegative = bytes[from] === MINUS;
  const begin = isNegative ? from + 1 : from;
  if (begin >= to || to - begin > MAX_DIGITS) return Number.NaN;
  let value = 0;
  for (let at = begin; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

function printable(byte: number): string {
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
