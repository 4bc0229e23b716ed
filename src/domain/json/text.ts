/** Ways through JSON text that `isJson` accepts, without converting any of it: numbers keep their digits. */

export const OPEN_BRACE = 0x7b;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

/** The position of the first character from `from` on that is no JSON white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Behind the string that begins at `from` with its quote. */
export function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    at += char === BACKSLASH ? 2 : 1;
  }
}

/** Behind the value that begins at `from`. */
export function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(text, at);
      if (depth === 0) return at;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      depth++;
      at++;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      if (depth > 0) at++;
      if (depth <= 1) return at;
      depth--;
    } else if (depth === 0 && (char === COMMA || isSpace(char) || at >= text.length)) return at;
    else at++;
  }
}

/** What a name, as written with its quotes, says; most are written without escapes. */
export function nameOf(written: string): string {
  return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}
