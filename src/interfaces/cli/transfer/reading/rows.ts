import { atLine, type NumberedEntry } from '../../../../application/transfer/read-export.js';
import { splitLines } from '../../../../application/transfer/split-lines.js';
import { AppError } from '../../../../domain/errors.js';
import { entryOfMembers } from '../../../../domain/export/entry-members.js';
import { type LineMembers, lineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { LONGEST_LINE } from '../export-lines.js';
import { type Container, jsonElements, type PlacedElement } from './json-elements.js';
import type { ElementOptions } from './parse-element.js';

/** Something of a file that is an entry, with the line on which it begins. */
export interface SourceRow<T> {
  readonly line: number;
  readonly content: T;
}

/**
 * Makes the entries that rows stand for. `convert` returns the members that the line of an export would have: what they
 * may be is decided there. Rejects with `invalid` at the first row that is no entry, naming its line.
 */
export async function* entriesOf<T>(
  rows: AsyncIterable<SourceRow<T>>,
  convert: (content: T) => LineMembers,
): AsyncGenerator<NumberedEntry> {
  for await (const { line, content } of rows) {
    try {
      yield { line, entry: entryOfMembers(convert(content)) };
    } catch (error) {
      throw atLine(error, line);
    }
  }
}

/** The elements of JSON. */
export async function* elementRows(
  chunks: AsyncIterable<Uint8Array>,
  container: Container,
  options?: Partial<ElementOptions>,
): AsyncGenerator<SourceRow<PlacedElement>> {
  for await (const content of jsonElements(chunks, container, options)) yield { line: content.line, content };
}

/** The elements of a JSON array. */
export async function* arrayRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow<Buffer>> {
  for await (const { line, value } of jsonElements(chunks, '[')) yield { line, content: value };
}

/** The lines that are not blank. */
export async function* lineRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow<Buffer>> {
  let line = 0;
  for await (const content of splitLines(chunks, LONGEST_LINE)) {
    line += 1;
    if (content.toString('latin1').trim() !== '') yield { line, content };
  }
}

/** The members of a JSON object. Those named in `verbatim` are `JsonText`, digit for digit. Throws `invalid`. */
export function objectMembers(json: Buffer, allowed: readonly string[], verbatim: readonly string[] = []): LineMembers {
  const members = lineMembers(json, new Set(verbatim));
  const unknown = Object.keys(members).find((name) => !allowed.includes(name));
  if (unknown === undefined) return members;
  throw new AppError('invalid', `has the unknown member ${JSON.stringify(unknown)}`);
}

/** The member of an export's line for JSON text: a string is the text that it stands for, all else is kept. */
export function textOrJson({ text }: JsonText): { readonly text: string } | { readonly json: JsonText } {
  return text.startsWith('"') ? { text: JSON.parse(text) as string } : { json: new JsonText(text) };
}
