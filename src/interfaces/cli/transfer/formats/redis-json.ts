import type { NumberedEntry } from '../../../../application/transfer/read-export.js';
import { AppError } from '../../../../domain/errors.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { isArray } from '../reading/chunks.js';
import { elementRows, entriesOf, lineRows, objectMembers, textOrJson } from '../reading/rows.js';
import { hasMembers } from '../reading/sample.js';
import type { Format } from './format.js';

const MEMBERS = ['db', 'key', 'ttl', 'type', 'value', 'size'];

/**
 * What dumps of Redis are as JSON: the lines of redis-dump, `{"db":0,"key":…,"ttl":-1,"type":…,"value":…,"size":…}`, or
 * the array of redis-rdb-tools and rdb-cli, with an object of keys per database. A string is a text, all else JSON.
 * Only one database can be imported.
 */
export const redisJson: Format = {
  recognizes: ({ firstLine, firstObject }) =>
    /^\[\{\s*$/.test(firstLine) || hasMembers(firstObject, 'db', 'key', 'ttl', 'type', 'value'),
  read: (chunks, { now }) => read(chunks, now),
};

async function* read(chunks: AsyncIterable<Uint8Array>, now: number): AsyncGenerator<NumberedEntry> {
  const { isArray: isWholeDump, chunks: all } = await isArray(chunks);
  const requireSame = oneDatabase();
  if (!isWholeDump) {
    yield* entriesOf(lineRows(all), (row) => dumpedKey(row, now, requireSame));
    return;
  }
  yield* entriesOf(elementRows(all, '[{'), ({ name: key, value, container }) => {
    requireSame(container);
    return { key, ...textOrJson(new JsonText(value.toString())) };
  });
}

function dumpedKey(row: Buffer, now: number, requireSame: (database: unknown) => void): LineMembers {
  const { db, key, ttl = -1, value } = objectMembers(row, MEMBERS, ['value']);
  requireSame(db);
  if (!(value instanceof JsonText)) throw new AppError('invalid', 'has no value');
  if (typeof ttl !== 'number') throw new AppError('invalid', 'has a ttl that is not a number of seconds');
  return { key, ...textOrJson(value), expires_at: ttl < 0 ? undefined : now / 1000 + ttl };
}

/** Throws `invalid` once it is called with another database than before. */
function oneDatabase(): (database: unknown) => void {
  let first: unknown;
  return (database) => {
    first ??= database;
    if (database === first) return;
    const message = 'is of another database than what comes before it: dump one database, and import that';
    throw new AppError('invalid', message);
  };
}
