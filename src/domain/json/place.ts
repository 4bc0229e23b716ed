const NEWLINE = '\n';

/** A place in a text that people edit; line and column count from 1, columns in the units that editors show. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of a character of the text. */
export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf(NEWLINE); end >= 0 && end < offset; end = text.indexOf(NEWLINE, start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The place of a byte of UTF-8. */
export function placeOfByte(bytes: Uint8Array, at: number): Place {
  const before = Buffer.from(bytes.buffer, bytes.byteOffset, at).toString();
  return placeOf(before, before.length);
}

/** As it stands in messages. */
export function placeText({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}
