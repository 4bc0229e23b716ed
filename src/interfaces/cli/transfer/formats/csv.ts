import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { atLine } from '../../../../application/transfer/read-export.js';
import { AppError } from '../../../../domain/errors.js';
import type { ExportedEntry } from '../../../../domain/export/export-line.js';
import { COLUMNS, membersOfRow, namedRows } from '../reading/columns.js';
import { entriesOf, type SourceRow } from '../reading/rows.js';
import type { Sample } from '../reading/sample.js';
import type { Format } from './format.js';

/** Of a row, in bytes: it is in memory as a whole. */
const LONGEST_ROW = 256 * 1024 * 1024;

/** RFC 4180, with a first row that names the columns. Values that are not UTF-8 have the encoding base64. */
export const csv: Format = {
  recognizes: (sample) => sample.name.endsWith('.csv') || namesColumns(sample, ','),
  read: (chunks) => entriesOf(namedRows(parsedRows(chunks)), membersOfRow),
  writer: { head: `${COLUMNS.join()}\r\n`, entry: (entry) => `${cellsOf(entry).map(quoted).join()}\r\n`, tail: '' },
};

/** Whether the first line names the columns of entries. */
export function namesColumns({ firstLine }: Sample, delimiter: string): boolean {
  const names = firstLine.split(delimiter).map((name) => name.trim().replaceAll('"', ''));
  return names.includes('key') && names.includes('value');
}

async function* parsedRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow<string[]>> {
  const { CsvError, parse } = await import('csv-parse');
  // The parser is ahead of the rows that were taken from it.
  let parsedUpTo = 0;
  let line = 1;
  const parser = parse({
    encoding: null,
    info: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: LONGEST_ROW,
    on_record: (row, { lines }) => {
      parsedUpTo = lines;
      return row;
    },
  });
  const source = Readable.from(chunks);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of source.pipe(parser)) {
      yield { line, content: record.map((cell: Buffer) => cellText(cell, line)) };
      line = info.lines + 1;
    }
  } catch (error) {
    throw error instanceof CsvError ? rowError(error, parsedUpTo + 1) : error;
  }
}

function cellText(cell: Buffer, line: number): string {
  if (isUtf8(cell)) return cell.toString();
  throw atLine(new AppError('invalid', 'has a byte that is not UTF-8'), line);
}

/** `line` is where the row begins that the parser did not end; its own message names where it gave up. */
function rowError(error: Error, line: number): unknown {
  const message = error.message.replace(/ at line \d+/, '');
  return atLine(new AppError('invalid', `is not CSV: ${message}`, { cause: error }), line);
}

/** In the order of `COLUMNS`. */
function cellsOf({ key, value, contentType, createdAt, updatedAt, expiresAt, meta = '' }: ExportedEntry): string[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const encoding = isUtf8(bytes) ? '' : 'base64';
  const times = [createdAt, updatedAt, expiresAt].map((ms) => (ms === undefined ? '' : String(ms / 1000)));
  return [key, bytes.toString(encoding === '' ? 'utf8' : encoding), encoding, contentType, ...times, meta];
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
