/** Walks through JSON text that `isJson` accepts without converting any of it, so that numbers keep their digits. */
import { CHARACTERS, isSpace } from './characters.js';

const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = CHARACTERS;

/** The position of the first character from `from` on that is not JSON white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The position after the string whose opening quote is at `from`. */
export function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    at += char === BACKSLASH ? 2 : 1;
  }
}

/** The position after the value that begins at `from`. */
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

/** The name that a string literal stands for. Most names have no escapes and need no parser. */
export function decodeName(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
