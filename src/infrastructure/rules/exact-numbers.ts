import { CHARACTERS } from '../../domain/json/characters.js';
import { skipString } from '../../domain/json/text.js';
import { compareDecimals, type Decimal, decimalOf, isInteger } from './decimal.js';

const { MINUS, NINE, QUOTE, ZERO } = CHARACTERS;
/** Numbers of at most so many characters, without an exponent, are exact in double precision. */
const EXACT_LENGTH = 15;
/** Matches every text with a number that may not be exact, and few others. */
const MAY_BE_INEXACT = /\d[\d.]{15}|\d[eE]/;
/** Clients cannot know it, so no string of theirs begins with it. */
const MARK = `${crypto.randomUUID()} `;

type Holder = Readonly<Record<string, unknown>>;

/** The numbers in a value that double precision cannot hold, by the object or array that they are in, and the name. */
export class ExactNumbers {
  readonly #byHolder = new Map<unknown, Map<string, Decimal>>();

  set(holder: unknown, name: string, number: Decimal): void {
    const others = this.#byHolder.get(holder) ?? new Map<string, Decimal>();
    this.#byHolder.set(holder, others.set(name, number));
  }

  /** Undefined if it is exact as it is. A value that is only a number has no holder. */
  get(holder: unknown, name: string | number): Decimal | undefined {
    return this.#byHolder.size === 0 ? undefined : this.#byHolder.get(holder)?.get(`${name}`);
  }
}

/**
 * Parses text that `isJson` accepts. Each number that double precision cannot hold is kept in `numbers`; in the value
 * there is another one that is finite, and an integer only if the exact one is.
 */
export function parseExactly(text: string): { readonly value: unknown; readonly numbers: ExactNumbers } {
  const numbers = new ExactNumbers();
  if (!MAY_BE_INEXACT.test(text)) return { value: JSON.parse(text), numbers };
  const { marked, found } = markInexact(text);
  if (found.length === 0) return { value: JSON.parse(text), numbers };
  return { value: standIns(JSON.parse(marked), undefined, '', (index) => found[index] as Decimal, numbers), numbers };
}

/** Replaces every number that is not exact by a string with its index in `found`. */
function markInexact(text: string): { marked: string; found: readonly Decimal[] } {
  const found: Decimal[] = [];
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = skipString(text, at);
    else if (char !== MINUS && (char < ZERO || char > NINE)) at++;
    else {
      const start = at;
      while (isOfNumber(text, at)) at++;
      const exact = inexact(text.slice(start, at));
      if (exact === undefined) continue;
      pieces.push(text.slice(copied, start), `"${MARK}${found.push(exact) - 1}"`);
      copied = at;
    }
  }
  return { marked: pieces.join('') + text.slice(copied), found };
}

function isOfNumber(text: string, at: number): boolean {
  return at < text.length && '0123456789+-.eE'.includes(text.charAt(at));
}

function inexact(token: string): Decimal | undefined {
  if (token.length <= EXACT_LENGTH && !/e/i.test(token)) return undefined;
  const [exact, double] = [decimalOf(token), Number(token)];
  return Number.isFinite(double) && compareDecimals(exact, decimalOf(`${double}`)) === 0 ? undefined : exact;
}

function standIns(
  value: unknown,
  holder: unknown,
  name: string,
  exactAt: (index: number) => Decimal,
  numbers: ExactNumbers,
): unknown {
  if (typeof value === 'string' && value.startsWith(MARK)) {
    const exact = exactAt(Number(value.slice(MARK.length)));
    numbers.set(holder, name, exact);
    return exact.sign * (isInteger(exact) ? Number.MAX_VALUE : 0.5);
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const member of Object.keys(value)) {
    const before = members[member];
    const after = standIns(before, value, member, exactAt, numbers);
    if (after !== before) members[member] = after;
  }
  return value;
}

/** A text that is the same for equal values only, whatever the order of their members. */
export function canonical(
  value: unknown,
  numbers: ExactNumbers,
  holder: unknown = undefined,
  name: string | number = '',
) {
  return typeof value === 'number' ? canonicalNumber(value, numbers.get(holder, name)) : canonicalOther(value, numbers);
}

function canonicalNumber(value: number, exact: Decimal | undefined): string {
  return exact === undefined ? `${value === 0 ? 0 : value}` : `${exact.sign}:${exact.digits}:${exact.point}`;
}

function canonicalOther(value: unknown, numbers: ExactNumbers): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => canonical(item, numbers, value, i)).join(',')}]`;
  const names = Object.keys(value).sort();
  const members = names.map(
    (name) => `${JSON.stringify(name)}:${canonical((value as Holder)[name], numbers, value, name)}`,
  );
  return `{${members.join(',')}}`;
}
