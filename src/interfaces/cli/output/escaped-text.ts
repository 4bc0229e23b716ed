import { isUtf8 } from 'node:buffer';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);
/** The backslash, what may begin a new line or do harm on a terminal, and in bytes whatever is not ASCII. */
const UNSAFE = /[\\\p{Cc}\p{Zl}\p{Zp}]/gu;
const UNSAFE_BYTES = /[\\\p{Cc}\u0080-\u00ff]/gu;

/**
 * Bytes as a part of one line, which never has a tab, a line feed or another control character: `\\`, `\t`, `\n`, `\r`,
 * and `\xHH` for any other byte that cannot stand there. If the bytes are no UTF-8, that is each one beyond ASCII.
 * Nothing is lost.
 */
export function escapedText(bytes: Buffer): string {
  const escaped = (char: string, encoding: BufferEncoding) =>
    ESCAPES.get(char) ?? Buffer.from(char, encoding).toString('hex').replaceAll(/../g, '\\x$&');
  if (!isUtf8(bytes)) return bytes.toString('latin1').replaceAll(UNSAFE_BYTES, (char) => escaped(char, 'latin1'));
  return bytes.toString().replaceAll(UNSAFE, (char) => escaped(char, 'utf8'));
}
