import { COLON, nameOf, OPEN_BRACE, QUOTE, skipSpace, skipString, skipValue } from './text.js';

/** A part of JSON text that is kept as it was written, digit for digit. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** JSON text in which each value of certain members is replaced by its index in `values`, whatever its size was. */
export interface Outline {
  readonly text: string;
  readonly values: readonly JsonText[];
  /** How many objects the text has. */
  readonly objects: number;
}

/** Takes the values of the members whose name is in `names`, at any level, out of a text that `isJson` accepts. Takes one pass. */
export function outlineOf(text: string, names: ReadonlySet<string>): Outline {
  const values: JsonText[] = [];
  let outline = '';
  let objects = 0;
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char !== QUOTE) {
      if (char === OPEN_BRACE) objects++;
      at++;
      continue;
    }
    const end = skipString(text, at);
    const behind = skipSpace(text, end);
    if (text.charCodeAt(behind) !== COLON || !names.has(nameOf(text.slice(at, end)))) {
      at = behind;
      continue;
    }
    const start = skipSpace(text, behind + 1);
    at = skipValue(text, start);
    outline += text.slice(copied, start) + values.length;
    values.push(new JsonText(text.slice(start, at)));
    copied = at;
  }
  return { text: outline + text.slice(copied), values, objects };
}

/** What the whole text says, with its values as `JsonText`. The names are those of the outline; none is empty or a number. */
export function readOutline({ text, values }: Outline, names: ReadonlySet<string>): unknown {
  if (values.length === 0) return JSON.parse(text);
  return JSON.parse(text, (name, value) => (names.has(name) ? values[value] : value));
}
