import { isUtf8 } from 'node:buffer';
import type { Entry } from '../../../../domain/entry.js';
import { skipSpace, skipString } from '../../../../domain/json/bytes.js';
import { keyProblem } from '../../../../domain/key.js';
import { MalformedDataError } from '../storage-errors.js';
import { ItemScanner, parseString } from './item-scanner.js';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Called for each member in the order of the file, `at` being its place. The entry's value may be a view on what is scanned. */
export type EntryVisitor = (key: string, entry: Entry | undefined, at: number) => void;

/**
 * Reads `{"key": item, …}` from bytes that come in pieces, slicing each value verbatim: no number is rounded, and no string
 * holds the whole. A key with `null` for an item counts as removed, where that may be.
 */
export class StoreScanner {
  readonly #items = new ItemScanner();
  readonly #found: EntryVisitor;
  readonly #removals: boolean;
  readonly #time: number | undefined;
  #state: 'start' | 'first' | 'entry' | 'end' = 'start';

  /** `time` in ms stands for times that an item does not name; without it they must be there. */
  constructor(found: EntryVisitor, removals: boolean, time?: number) {
    this.#found = found;
    this.#removals = removals;
    this.#time = time;
  }

  /** Whether the closing brace was seen. */
  get ended(): boolean {
    return this.#state === 'end';
  }

  /**
   * Takes what is whole from the front of the bytes and returns its length; the rest must stand at the front next time,
   * with more behind it. Where nothing more comes, a rest means that it is cut off or no JSON. Throws `Misshapen`.
   */
  scan(bytes: Buffer): number {
    let taken = 0;
    for (;;) {
      const at = skipSpace(bytes, taken);
      if (at === bytes.length) return at;
      const end = this.#step(bytes, at);
      if (end < 0) return at;
      taken = end;
    }
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#state === 'end') throw new MalformedDataError('has something behind its end', at);
    if (this.#state === 'start') {
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

  /** Behind the entry and the comma or brace that follows it. */
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
    if (!isUtf8(bytes.subarray(from, end))) throw new MalformedDataError('has an entry that is not UTF-8', from);
    const key = parseString(bytes, from, keyEnd);
    const problem = keyProblem(key);
    if (problem !== undefined) throw new MalformedDataError(`has a key that is none: ${problem}`, from);
    this.#found(key, isNull ? undefined : this.#items.entry(key, this.#time), from);
    this.#state = bytes[at] === COMMA ? 'entry' : 'end';
    return at + 1;
  }
}
