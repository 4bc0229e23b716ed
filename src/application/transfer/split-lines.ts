import { AppError } from '../../domain/errors.js';

const NEWLINE = 10;
/** The byte order mark that some editors put at the front of a file. */
const MARK = Buffer.from('\uFEFF');

/**
 * Splits chunks into lines, each with its newline; the last may lack it. A byte order mark is left out. Throws
 * `too_large` for a line of more than `limit` bytes.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Buffer> {
  let partial: Buffer[] = [];
  let length = 0;
  let line = 1;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const rest = bytes.subarray(from, end + 1);
      if (length + rest.length > limit) throw tooLong(line, limit);
      const whole = partial.length === 0 ? rest : Buffer.concat([...partial, rest]);
      yield line === 1 ? withoutMark(whole) : whole;
      partial = [];
      length = 0;
      line += 1;
      from = end + 1;
    }
    if (from === bytes.length) continue;
    partial.push(bytes.subarray(from));
    length += bytes.length - from;
    if (length > limit) throw tooLong(line, limit);
  }
  if (length > 0) yield line === 1 ? withoutMark(Buffer.concat(partial)) : Buffer.concat(partial);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;
}

function tooLong(line: number, limit: number): AppError {
  return new AppError('too_large', `Line ${line} is longer than ${limit} bytes`, {
    details: { line, limit_bytes: limit },
  });
}
