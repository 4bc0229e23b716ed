import { AppError } from '../../domain/errors.js';

const NEWLINE = 10;

/** The lines of what comes in pieces, each with its newline but perhaps the last. One longer than `most` bytes is `too_large`. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let length = 0;
  let line = 1;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const rest = bytes.subarray(from, end + 1);
      if (length + rest.length > most) throw tooLong(line, most);
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      length = 0;
      line += 1;
      from = end + 1;
    }
    if (from === bytes.length) continue;
    begun.push(bytes.subarray(from));
    length += bytes.length - from;
    if (length > most) throw tooLong(line, most);
  }
  if (length > 0) yield Buffer.concat(begun);
}

function tooLong(line: number, most: number): AppError {
  return new AppError('too_large', `Line ${line} is longer than ${most} bytes`, {
    details: { line, limit_bytes: most },
  });
}
