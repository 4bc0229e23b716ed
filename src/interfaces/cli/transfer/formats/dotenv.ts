import { isUtf8 } from 'node:buffer';
import { splitLines } from '../../../../application/transfer/split-lines.js';
import { AppError } from '../../../../domain/errors.js';
import { LONGEST_LINE } from '../export-lines.js';
import { entriesOf, type SourceRow } from '../reading/rows.js';
import type { Format } from './format.js';

const ASSIGNMENT = /^\s*(?:export\s+)?([\w.-]+)\s*=[^\S\n]*/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A name and its value. */
type Variable = readonly [name: string, value: string];

/** `NAME=value` as in `.env` files. A `#` after a space begins a comment; `${OTHER}` stays as it is. */
export const dotenv: Format = {
  recognizes: ({ name, firstLine, container }) =>
    container === undefined && (/(?:^|\.)env(?:\.[\w.-]+)?$/.test(name) || /^(?:export )?[A-Z_]\w*=/i.test(firstLine)),
  read: (chunks) => entriesOf(variables(chunks), ([key, text]) => ({ key, text })),
};

async function* variables(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow<Variable>> {
  let line = 0;
  let open: QuotedValue | undefined;
  for await (const bytes of splitLines(chunks, LONGEST_LINE)) {
    line += 1;
    if (!isUtf8(bytes)) throw mistake(line, 'has a byte that is not UTF-8');
    const text = bytes.toString().replace(/\r\n$/, '\n');
    if (open === undefined && /^\s*(?:#|$)/.test(text)) continue;
    const begun: QuotedValue | Variable = open === undefined ? begin(text, line) : open;
    if (!(begun instanceof QuotedValue)) {
      yield { line, content: begun };
      continue;
    }
    const isWhole: boolean = begun.add(open === undefined ? '' : text, line);
    if (isWhole) yield { line: begun.line, content: [begun.name, begun.value] };
    open = isWhole ? undefined : begun;
  }
  if (open !== undefined) throw mistake(open.line, 'has a quote that is not closed');
}

/** The variable that a line assigns, or the beginning of one in quotes. */
function begin(text: string, line: number): QuotedValue | Variable {
  const [head, name] = ASSIGNMENT.exec(text) ?? [];
  if (head === undefined || name === undefined) throw mistake(line, 'is neither NAME=value nor a comment');
  const rest = text.slice(head.length);
  if (/^["'`]/.test(rest)) return new QuotedValue(name, rest, line);
  return [name, rest.replace(/(?:^|\s)#.*/s, '').trim()];
}

/** A value in quotes, which may be on several lines. */
class QuotedValue {
  readonly #quote: string;
  #text: string;
  /** The position from which the closing quote is looked for. */
  #from = 1;
  #end = -1;

  constructor(
    readonly name: string,
    text: string,
    readonly line: number,
  ) {
    this.#quote = text[0] as string;
    this.#text = text;
  }

  /** Adds a line; returns whether the quote is closed. Throws `invalid` if more than a comment follows it. */
  add(text: string, line: number): boolean {
    this.#text += text;
    const hasEscapes = this.#quote === '"';
    for (; this.#from < this.#text.length; this.#from++) {
      const char = this.#text[this.#from];
      if (hasEscapes && char === '\\') this.#from += 1;
      else if (char === this.#quote) break;
    }
    if (this.#from >= this.#text.length) return false;
    this.#end = this.#from;
    if (/^\s*(?:#.*)?$/s.test(this.#text.slice(this.#end + 1))) return true;
    throw mistake(line, 'has something after the closing quote');
  }

  get value(): string {
    const inner = this.#text.slice(1, this.#end);
    if (this.#quote !== '"') return inner;
    return inner.replace(/\\([nrt"\\$])/g, (_, char: string) => ESCAPES[char] ?? char);
  }
}

function mistake(line: number, why: string): AppError {
  return new AppError('invalid', `Line ${line}: ${why}`, { details: { line } });
}
