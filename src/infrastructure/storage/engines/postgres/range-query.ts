import type { Range } from '../../../../application/ports/store.js';
import { boundsOf } from '../../../../domain/key.js';
import { COLUMNS, HEAD_COLUMNS } from './row-codec.js';

/** More than a range can have. */
export const NO_LIMIT = 2 ** 31 - 1;
const AFTER_ALL = Buffer.alloc(520, 0xff);

/** A query with a name for its text. */
export interface NamedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Selects the entries of a range. */
export function scanQuery(table: string, { bytes = Number.MAX_SAFE_INTEGER, ...range }: Range): NamedQuery {
  const order = orderOf(range);
  const size = 'octet_length(value) + coalesce(octet_length(meta), 0)';
  const sum = `sum(${size}) OVER (ORDER BY key ${order} ROWS UNBOUNDED PRECEDING) - (${size})`;
  const page = `SELECT ${COLUMNS}, ${sum} AS before FROM ${table} WHERE key >= $1 AND key < $2`;
  const pages = `SELECT ${COLUMNS} FROM (${page} ORDER BY key ${order} LIMIT $3) p`;
  const text = `${pages} WHERE before < $4 ORDER BY key ${order}`;
  return { name: `${table} scan ${order}`, text, values: [...boundsFor(range), bytes] };
}

/** Selects them without their values. */
export function headsQuery(table: string, range: Omit<Range, 'bytes'>): NamedQuery {
  const order = orderOf(range);
  const columns = `${HEAD_COLUMNS}, octet_length(value) AS size`;
  const text = `SELECT ${columns} FROM ${table} WHERE key >= $1 AND key < $2 ORDER BY key ${order} LIMIT $3`;
  return { name: `${table} heads ${order}`, text, values: boundsFor(range) };
}

function orderOf({ reverse }: { readonly reverse?: boolean | undefined }): 'ASC' | 'DESC' {
  return reverse === true ? 'DESC' : 'ASC';
}

function boundsFor(range: Omit<Range, 'bytes'>): [Buffer, Buffer, number] {
  const { low, high } = boundsOf(range);
  return [Buffer.from(low), high === undefined ? AFTER_ALL : Buffer.from(high), Math.min(range.limit, NO_LIMIT)];
}
