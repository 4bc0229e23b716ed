import { ProtocolError } from './protocol-error.js';

const [QUOTE, DOUBLE_QUOTE, BACKSLASH] = [39, 34, 92];
const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, a: 7 };

/** The words of a line as people type it: with quotes, and with escapes within double quotes. */
export function inlineArguments(line: Buffer): Buffer[] {
  const words: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(line[at])) at += 1;
    if (at >= line.length) return words;
    const quoted = line[at] === QUOTE || line[at] === DOUBLE_QUOTE;
    const word: number[] = [];
    at = quoted ? readQuoted(line, at, word) : readPlain(line, at, word);
    if (at < line.length && !isSpace(line[at])) throw unbalanced();
    words.push(Buffer.from(word));
  }
}

function readPlain(line: Buffer, from: number, word: number[]): number {
  let at = from;
  while (at < line.length && !isSpace(line[at])) {
    if (line[at] === QUOTE || line[at] === DOUBLE_QUOTE) return readQuoted(line, at, word);
    word.push(line[at] as number);
    at += 1;
  }
  return at;
}

/** Returns where the word ends. */
function readQuoted(line: Buffer, from: number, word: number[]): number {
  const quote = line[from];
  for (let at = from + 1; at < line.length; at++) {
    const byte = line[at] as number;
    if (byte === quote) return at + 1;
    const next = line[at + 1];
    if (byte !== BACKSLASH || next === undefined || (quote === QUOTE && next !== QUOTE)) {
      word.push(byte);
      continue;
    }
    const [value, length] = quote === QUOTE ? [next, 2] : escaped(line, at);
    word.push(value);
    at += length - 1;
  }
  throw unbalanced();
}

/** The byte that an escape stands for, and how long the escape is. */
function escaped(line: Buffer, at: number): readonly [number, number] {
  const hexadecimal = /^\\x([0-9a-f]{2})/i.exec(line.toString('latin1', at, at + 4))?.[1];
  if (hexadecimal !== undefined) return [Number.parseInt(hexadecimal, 16), 4];
  const next = line[at + 1] as number;
  return [ESCAPES[String.fromCharCode(next)] ?? next, 2];
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13) || byte === 0;
}

function unbalanced(): ProtocolError {
  return new ProtocolError('unbalanced quotes in request');
}
