import { AppError } from '../../domain/errors.js';
import { asWritten } from '../../domain/export/as-written.js';
import type { ExportedEntry, ExportHeader } from '../../domain/export/export-line.js';
import { lineMembers } from '../../domain/export/line-members.js';
import { exportLineOf } from '../../domain/export/read-line.js';
import type { Digest } from '../ports/digest.js';
import { splitLines } from './split-lines.js';

/** An entry with the number of its line, from 1. */
export interface NumberedEntry {
  readonly line: number;
  readonly entry: ExportedEntry;
}

/**
 * The entries of an export while it is read; `accept` is called with the header first. Rejects with `invalid` at the
 * first wrong line, naming it, and at the end if the trailer is missing or does not agree: read to the end to know that
 * the export is whole.
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  longestLine: number,
  accept: (header: ExportHeader) => void = () => undefined,
): AsyncGenerator<NumberedEntry> {
  let line = 0;
  let count = 0;
  let complete = false;
  try {
    for await (const bytes of splitLines(chunks, longestLine)) {
      line += 1;
      if (complete) throw new AppError('invalid', 'follows the trailer, which must be the last');
      const members = lineMembers(bytes);
      const read = exportLineOf(members);
      if ((read.kind === 'header') !== (line === 1)) {
        throw new AppError('invalid', line === 1 ? 'is no header of an export' : 'is a second header');
      }
      if (read.kind === 'trailer') {
        const sha256 = digest.hex();
        if (read.trailer.count !== count) {
          throw new AppError('invalid', `says ${read.trailer.count} entries, there are ${count}`);
        }
        if (read.trailer.sha256 !== sha256)
          throw new AppError('invalid', 'has another SHA-256 than the lines before it');
        complete = true;
        continue;
      }
      digest.update(asWritten(bytes, members));
      if (read.kind === 'header') accept(read.header);
      else {
        count += 1;
        yield { line, entry: read.entry };
      }
    }
  } catch (error) {
    throw atLine(error, line);
  }
  if (!complete)
    throw new AppError('invalid', `The trailer is missing: the export ends with line ${line}`, { details: { line } });
}

/** Adds the number of the line to its error; one before the first line stays as it is, as `unavailable` does. */
export function atLine(error: unknown, line: number): unknown {
  if (line === 0 || !(error instanceof AppError) || error.code === 'unavailable' || error.details?.line !== undefined)
    return error;
  return new AppError(error.code, `Line ${line}: ${error.message}`, {
    details: { ...error.details, line },
    cause: error,
  });
}
