import { isAscii, isUtf8 } from 'node:buffer';
import type { Entry } from '../../../../domain/entry.js';
import { skipSpace, skipString } from '../../../../domain/json/bytes.js';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { keyProblem } from '../../../../domain/key.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { ItemScanner, parseString } from './item-scanner.js';

/** The byte order mark that some editors put at the front of a file. */
const MARK = Buffer.from('\uFEFF');

const { OPEN_BRACE, CLOSE_BRACE, QUOTE, COLON, COMMA } = CHARACTERS;

/**
 * Called for each member in the order of the file; `at` is its position. The value may be a view on the scanned bytes.
 */
export type EntryVisitor = (key: string, entry: Entry | undefined, at: number) => void;

/**
 * Reads `{"key": item, …}` from bytes that come in pieces, after a byte order mark if there is one. Each value is
 * sliced verbatim: no number is rounded, and no string holds the whole file. A key with `null` for an item counts as
 * removed, if removals are allowed.
 */
export class StoreScanner {
  readonly #items = new ItemScanner();
  readonly #visit: EntryVisitor;
  readonly #removals: boolean;
  readonly #time: number | undefined;
  /** Whether that is known of all bytes that are being scanned. */
  #isAscii = false;
  #state: 'start' | 'first' | 'entry' | 'end' = 'start';

  /** `time` in ms replaces times that an item does not have; without it they must be there. */
  constructor(visit: EntryVisitor, removals: boolean, time?: number) {
    this.#visit = visit;
    this.#removals = removals;
    this.#time = time;
  }

  /** The checksum of the entry that was visited last, see `checkedItem`; undefined if it has none. */
  get checksum(): string | undefined {
    return this.#items.checksum;
  }

  /** Whether the closing brace was seen. */
  get ended(): boolean {
    return this.#state === 'end';
  }

  /**
   * Consumes all complete members at the front of the bytes and returns their length. The rest must be at the front
   * next time, with more after it. If no more bytes come, a rest means that the file is cut off or no JSON. Throws
   * `MalformedDataError`.
   */
  scan(bytes: Buffer): number {
    let consumed = 0;
    this.#isAscii = isAscii(bytes);
    for (;;) {
      const at = skipSpace(bytes, consumed);
      if (at === bytes.length) return at;
      const end = this.#step(bytes, at);
      if (end < 0) return at;
      consumed = end;
    }
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#state === 'end') throw new MalformedDataError('has something after its end', at);
    if (this.#state === 'start') {
      if (bytes[at] === MARK[0]) return this.#mark(bytes, at);
      if (isUtf16(bytes, at)) throw new MalformedDataError('is UTF-16, save it as UTF-8', at);
      if (bytes[at] !== OPEN_BRACE) throw new MalformedDataError('holds no JSON object', at);
      this.#state = 'first';
      return at + 1;
    }
    if (this.#state === 'first' && bytes[at] === CLOSE_BRACE) {
      this.#state = 'end';
      return at + 1;
    }
    return this.#entry(bytes, at);
  }

  /** The position after a byte order mark; -1 if it is incomplete. */
  #mark(bytes: Buffer, at: number): number {
    const found = bytes.subarray(at, at + MARK.length);
    if (!found.equals(MARK.subarray(0, found.length))) throw new MalformedDataError('holds no JSON object', at);
    return found.length < MARK.length ? -1 : at + MARK.length;
  }

  /** The position after the entry and the comma or brace that follows it; -1 if it is incomplete. */
  #entry(bytes: Buffer, from: number): number {
    if (bytes[from] !== QUOTE) throw new MalformedDataError('has no key where one should be', from);
    const keyEnd = skipString(bytes, from);
    let at = keyEnd < 0 ? bytes.length : skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) return -1;
    at = skipSpace(bytes, at + 1);
    if (at === bytes.length) return -1;
    const isNull = this.#removals && bytes[at] === 0x6e && bytes.toString('latin1', at, at + 4) === 'null';
    const end = isNull ? at + 4 : this.#items.scan(bytes, at);
    at = end < 0 ? bytes.length : skipSpace(bytes, end);
    if (bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) return -1;
    if (!this.#isAscii && !isUtf8(bytes.subarray(from, end)))
      throw new MalformedDataError('has an entry that is not UTF-8', from);
    const key = parseString(bytes, from, keyEnd, this.#isAscii);
    const problem = keyProblem(key);
    if (problem !== undefined) throw new MalformedDataError(`has a key that is not valid: ${problem}`, from);
    this.#visit(key, isNull ? undefined : this.#items.entry(key, this.#time), from);
    this.#state = bytes[at] === COMMA ? 'entry' : 'end';
    return at + 1;
  }
}

function isUtf16(bytes: Buffer, at: number): boolean {
  return (bytes[at] === 0xff && bytes[at + 1] === 0xfe) || (bytes[at] === 0xfe && bytes[at + 1] === 0xff);
}
