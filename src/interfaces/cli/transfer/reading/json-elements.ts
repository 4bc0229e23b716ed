import { AppError } from '../../../../domain/errors.js';
import { CHARACTERS, isSpace } from '../../../../domain/json/characters.js';
import { MAX_JSON_DEPTH } from '../../../../domain/limits.js';
import { type ElementOptions, type JsonElement, notJson, parseElement } from './parse-element.js';

const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = CHARACTERS;
const LINE_FEED = 10;
/** The longest element, in bytes: it is in memory as a whole. */
const LONGEST_ELEMENT = 256 * 1024 * 1024;

/** What holds the elements: an array, an object, or the objects of an array. */
export type Container = '[' | '{' | '[{';

/** An element, and how many containers ended before it: the position of its object in an array of objects. */
export interface PlacedElement extends JsonElement {
  readonly container: number;
}

/** Yields the elements one after the other: only one is in memory. Throws `invalid` at a mistake, naming its line. */
export async function* jsonElements(
  chunks: AsyncIterable<Uint8Array>,
  container: Container,
  options?: Partial<ElementOptions>,
): AsyncGenerator<PlacedElement> {
  const scanner = new ElementScanner(container, options);
  for await (const chunk of chunks) yield* scanner.scan(chunk);
  scanner.end();
}

/** Splits JSON text that comes in pieces into the elements of its containers. */
export class ElementScanner {
  readonly #openers: readonly number[];
  readonly #options: ElementOptions;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** What comes next outside of elements, or as the next element. */
  #expected: 'value' | 'value or end' | 'comma or end' = 'value';
  /** What earlier pieces had of the element. */
  #parts: Buffer[] = [];
  #length = 0;
  #line = 1;
  /** The line on which the text of the element begins. */
  #elementLine = 1;
  #ended = 0;

  constructor(container: Container, { python = false, maxDepth = MAX_JSON_DEPTH }: Partial<ElementOptions> = {}) {
    this.#openers = [...container].map((char) => char.charCodeAt(0));
    this.#options = { python, maxDepth };
  }

  /** Yields the elements that end in this piece. */
  *scan(chunk: Uint8Array): Generator<PlacedElement> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const level = this.#openers.length;
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === LINE_FEED) this.#line += 1;
      if (this.#inString) this.#readString(byte);
      else if (this.#depth > level) this.#readInside(byte);
      else if (this.#depth < level) {
        this.#readOutside(byte);
        from = at + 1;
      } else if (byte !== COMMA && !isCloser(byte)) this.#readInside(byte);
      else {
        yield* this.#endElement(bytes.subarray(from, at), byte);
        from = at + 1;
      }
    }
    if (this.#depth >= level) this.#keep(bytes.subarray(from));
  }

  /** Throws `invalid` if the text is not complete. */
  end(): void {
    if (this.#depth > 0 || this.#expected !== 'comma or end') throw notJson(this.#line, 'it ends too early');
  }

  #readString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #readInside(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
    else if (isCloser(byte)) this.#depth -= 1;
  }

  #readOutside(byte: number): void {
    if (isSpace(byte)) return;
    const opener = this.#openers[this.#depth] as number;
    const isAfterValue = this.#expected === 'comma or end';
    if (byte === opener && !isAfterValue) this.#open();
    else if (this.#depth > 0 && byte === COMMA && isAfterValue) this.#expected = 'value';
    else if (this.#depth > 0 && byte === CLOSE_BRACKET && this.#expected !== 'value') this.#close();
    else if (!isAfterValue) throw notJson(this.#line, `${String.fromCharCode(opener)} is missing`);
    else throw notJson(this.#line, this.#depth === 0 ? 'something follows its end' : 'a comma or ] is missing');
  }

  #open(): void {
    this.#depth += 1;
    this.#expected = 'value or end';
    this.#elementLine = this.#line;
  }

  #close(): void {
    this.#depth -= 1;
    this.#expected = 'comma or end';
    this.#ended += 1;
  }

  *#endElement(rest: Buffer, end: number): Generator<PlacedElement> {
    const opener = this.#openers.at(-1) as number;
    const text = this.#parts.length === 0 ? rest : Buffer.concat([...this.#parts, rest]);
    if (end !== COMMA && end !== opener + 2) {
      throw notJson(this.#line, `${String.fromCharCode(end)} closes what it did not open`);
    }
    const isEmptyContainer = end !== COMMA && this.#expected === 'value or end' && text.every(isSpace);
    if (!isEmptyContainer) {
      const element = parseElement(text, this.#elementLine, opener === OPEN_BRACE, this.#options);
      yield { ...element, container: this.#ended };
    }
    this.#parts = [];
    this.#length = 0;
    this.#elementLine = this.#line;
    if (end === COMMA) this.#expected = 'value';
    else this.#close();
  }

  #keep(rest: Buffer): void {
    this.#length += rest.length;
    if (this.#length > LONGEST_ELEMENT) {
      const message = `Line ${this.#elementLine}: what begins here is longer than ${LONGEST_ELEMENT} bytes`;
      throw new AppError('too_large', message, { details: { line: this.#elementLine } });
    }
    this.#parts.push(rest);
  }
}

function isCloser(byte: number): boolean {
  return byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
}
