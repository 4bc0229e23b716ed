import { createHash } from 'node:crypto';
import { HistoryGoneError } from '../../../../../domain/errors.js';

/** Hexadecimal digits of a number that a position has. */
const DIGITS = 14;

/**
 * The positions of one store as text: a mark of the store, then some numbers of one width, so
 * that texts are in the order of the numbers.
 */
export class Positions {
  readonly #store: string;

  /** `name` is that of no other store, nor will be. */
  constructor(
    name: string,
    private readonly numbers: number,
  ) {
    this.#store = createHash('sha256').update(name).digest('hex').slice(0, 12);
  }

  format(...numbers: readonly number[]): string {
    return this.#store + numbers.map((it) => it.toString(16).padStart(DIGITS, '0')).join('');
  }

  /** Throws `HistoryGoneError` if it is a position of another store, or not one at all. */
  parse(position: string): readonly number[] {
    const { length } = this.#store;
    const isOwn = position.startsWith(this.#store) && /^[0-9a-f]+$/.test(position);
    if (!isOwn || position.length !== length + this.numbers * DIGITS) throw new HistoryGoneError(position);
    return Array.from({ length: this.numbers }, (_, i) => {
      const at = length + i * DIGITS;
      return Number.parseInt(position.slice(at, at + DIGITS), 16);
    });
  }
}
