import { AppError } from '../../../../domain/errors.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import type { SourceRow } from './rows.js';

/** The columns that a table of entries can have; only the first two must be there. */
export const COLUMNS = [
  'key',
  'value',
  'encoding',
  'content_type',
  'created_at',
  'updated_at',
  'expires_at',
  'meta',
] as const;
type Column = (typeof COLUMNS)[number];

/** The rows after the first one, which names their columns. Rejects with `invalid`, naming the line. */
export async function* namedRows(
  rows: AsyncIterable<SourceRow<readonly string[]>>,
): AsyncGenerator<SourceRow<ReadonlyMap<string, string>>> {
  let names: readonly string[] | undefined;
  for await (const { line, content } of rows) {
    if (names === undefined) {
      names = checkedNames(content, line);
      continue;
    }
    const { length } = names;
    if (content.length !== length) throw atRow(line, `has ${content.length} columns, the first row has ${length}`);
    yield { line, content: new Map(names.map((name, i) => [name, content[i] as string])) };
  }
  if (names === undefined) throw atRow(1, 'the row with the names of the columns is missing');
}

/** The members of an export's line that a row stands for. An empty cell of an optional column is none. */
export function membersOfRow(row: ReadonlyMap<string, string>): LineMembers {
  const cell = (column: Column) => row.get(column) || undefined;
  const encoding = cell('encoding');
  const meta = cell('meta');
  if (encoding !== undefined && encoding !== 'base64') {
    throw new AppError('invalid', `has the encoding ${JSON.stringify(encoding)}, which is neither empty nor base64`);
  }
  return {
    key: row.get('key'),
    [encoding ?? 'text']: row.get('value'),
    content_type: cell('content_type'),
    created_at: time(cell('created_at')),
    updated_at: time(cell('updated_at')),
    expires_at: time(cell('expires_at')),
    meta: meta === undefined ? undefined : new JsonText(meta),
  };
}

/** A number of seconds; other text stays, and is refused later. */
function time(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function checkedNames(names: readonly string[], line: number): readonly string[] {
  const expected = `the first row must name the columns key and value, and may name ${COLUMNS.slice(2).join(', ')}`;
  const unknown = names.find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) throw atRow(line, `has the column ${JSON.stringify(unknown)}; ${expected}`);
  if (new Set(names).size < names.length) throw atRow(line, `has a column twice; ${expected}`);
  if (!names.includes('key') || !names.includes('value')) throw atRow(line, expected);
  return names;
}

function atRow(line: number, why: string): AppError {
  return new AppError('invalid', `Line ${line}: ${why}`, { details: { line } });
}
