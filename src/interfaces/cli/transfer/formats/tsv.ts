import { isUtf8 } from 'node:buffer';
import { splitLines } from '../../../../application/transfer/split-lines.js';
import { AppError } from '../../../../domain/errors.js';
import { LONGEST_LINE } from '../export-lines.js';
import { membersOfRow, namedRows } from '../reading/columns.js';
import { entriesOf, type SourceRow } from '../reading/rows.js';
import { namesColumns } from './csv.js';
import type { Format } from './format.js';

/** Lines with a tab between cells, as IANA registered it: without quotes and escapes. */
export const tsv: Format = {
  recognizes: (sample) => /\.(?:tsv|tab)$/.test(sample.name) || namesColumns(sample, '\t'),
  read: (chunks) => entriesOf(namedRows(splitRows(chunks)), membersOfRow),
};

async function* splitRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow<string[]>> {
  let line = 0;
  for await (const bytes of splitLines(chunks, LONGEST_LINE)) {
    line += 1;
    if (!isUtf8(bytes)) {
      throw new AppError('invalid', `Line ${line}: has a byte that is not UTF-8`, { details: { line } });
    }
    const text = bytes.toString().replace(/\r?\n$/, '');
    if (text !== '') yield { line, content: text.split('\t') };
  }
}
