import { AppError } from '../../../../domain/errors.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { arrayRows, entriesOf, objectMembers } from '../reading/rows.js';
import { hasMembers } from '../reading/sample.js';
import type { Format } from './format.js';

const MEMBERS = ['key', 'flags', 'value', 'namespace', 'partition'];

/**
 * What `consul kv export` writes: an array of entries with base64 values. Flags become metadata; namespace and
 * partition are dropped.
 */
export const consul: Format = {
  recognizes: ({ container, firstElement }) =>
    container === '[' && hasMembers(firstElement?.value, 'key', 'flags', 'value'),
  read: (chunks) => entriesOf(arrayRows(chunks), membersOf),
};

function membersOf(row: Buffer): LineMembers {
  const { key, flags, value } = objectMembers(row, MEMBERS, ['flags']);
  const number = flags instanceof JsonText ? flags.text : '0';
  if (!/^\d+$/.test(number)) throw new AppError('invalid', 'has flags that are not a whole number');
  return { key, base64: value, meta: number === '0' ? undefined : new JsonText(`{"flags":${number}}`) };
}
