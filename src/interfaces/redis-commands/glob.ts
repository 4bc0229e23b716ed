import { isUtf8 } from 'node:buffer';

/** What one byte must be; null stands for any number of bytes. */
type Part = ((byte: number) => boolean) | null;

/** A pattern such as `user:*`, with Redis' meaning: `*`, `?`, `[a-z]`, `[^a]` and `\` work on bytes. */
export class Glob {
  readonly #parts: readonly Part[];
  /** What every name that matches begins with. */
  readonly prefix: string;

  constructor(pattern: Buffer) {
    const { parts, literal } = parse(pattern);
    this.#parts = parts;
    let length = literal.length;
    while (!isUtf8(literal.subarray(0, length))) length -= 1;
    this.prefix = literal.toString('utf8', 0, length);
  }

  /** Whether a key matches. Goes back to the last `*` only, so that no pattern takes long. */
  matches(key: string): boolean {
    const bytes = Buffer.from(key);
    const parts = this.#parts;
    let [at, part, star, starAt] = [0, 0, -1, 0];
    while (at < bytes.length) {
      const wanted = parts[part];
      if (wanted === null) {
        star = part++;
        starAt = at;
      } else if (wanted?.(bytes[at] as number)) {
        at += 1;
        part += 1;
      } else if (star < 0) return false;
      else {
        part = star + 1;
        at = ++starAt;
      }
    }
    while (parts[part] === null) part += 1;
    return part === parts.length;
  }
}

const [STAR, ANY, OPEN, CLOSE, BACKSLASH, CARET, DASH] = [...Buffer.from('*?[]\\^-')];

function parse(pattern: Buffer): { parts: Part[]; literal: Buffer } {
  const parts: Part[] = [];
  const literal: number[] = [];
  let isLiteral = true;
  for (let i = 0; i < pattern.length; i++) {
    let byte = pattern[i] as number;
    if (byte === STAR || byte === ANY || byte === OPEN) isLiteral = false;
    if (byte === STAR) parts.push(null);
    else if (byte === ANY) parts.push(() => true);
    else if (byte === OPEN) {
      const { part, end } = parseClass(pattern, i + 1);
      parts.push(part);
      i = end;
    } else {
      if (byte === BACKSLASH && i + 1 < pattern.length) byte = pattern[++i] as number;
      if (isLiteral) literal.push(byte);
      parts.push((one) => one === byte);
    }
  }
  return { parts, literal: Buffer.from(literal) };
}

/** A class of bytes, and the position of its closing bracket, or of the last byte if it has none. */
function parseClass(pattern: Buffer, start: number): { part: (byte: number) => boolean; end: number } {
  const negated = pattern[start] === CARET;
  const included = new Set<number>();
  let i = negated ? start + 1 : start;
  for (; i < pattern.length && pattern[i] !== CLOSE; i++) {
    let from = pattern[i] as number;
    let to = from;
    if (from === BACKSLASH && i + 1 < pattern.length) from = to = pattern[++i] as number;
    else if (pattern[i + 1] === DASH && i + 2 < pattern.length) {
      to = pattern[i + 2] as number;
      i += 2;
    }
    for (let byte = Math.min(from, to); byte <= Math.max(from, to); byte++) included.add(byte);
  }
  return { part: (byte) => included.has(byte) !== negated, end: Math.min(i, pattern.length - 1) };
}
