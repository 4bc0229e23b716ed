import type { NumberedEntry } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import { entryLine, headerLine } from '../../../domain/export/write-line.js';
import { TrailerBuilder } from './export-lines.js';

/** About how many bytes are sent at once. */
const PIECE = 64 * 1024;

/**
 * Entries of any format as an export in PortKV's own, which is what the API reads. Adds the line that each has in its
 * file to `lines`.
 */
export async function* toExport(
  project: string,
  entries: AsyncIterable<NumberedEntry> | Iterable<NumberedEntry>,
  lines: number[],
): AsyncGenerator<Buffer> {
  const trailer = new TrailerBuilder();
  const header = Buffer.from(headerLine({ project, at: Date.now() }));
  trailer.add({ kind: 'header', bytes: header });
  let piece = [header];
  let length = header.length;
  for await (const { line, entry } of entries) {
    const bytes = Buffer.from(entryLine(entry));
    trailer.add({ kind: 'entry', bytes, key: entry.key });
    lines.push(line);
    piece.push(bytes);
    length += bytes.length;
    if (length < PIECE) continue;
    yield Buffer.concat(piece);
    piece = [];
    length = 0;
  }
  yield Buffer.concat([...piece, trailer.build()]);
}

/** The error of the server, with the line of what it got replaced by the one in the file; `lines` as for `toExport`. */
export function withFileLine(error: unknown, lines: readonly number[]): unknown {
  if (!(error instanceof AppError)) return error;
  const message = error.message.replace(/^Line (\d+)/, (own, line) => {
    const inFile = lines[Number(line) - 2];
    return inFile === undefined ? own : `Line ${inFile}`;
  });
  return new AppError(error.code, message, { cause: error });
}
