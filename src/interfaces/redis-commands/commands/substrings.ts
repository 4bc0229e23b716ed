import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import { argument, positionArgument } from '../arguments.js';
import { type Arguments, type EntryCommand, firstKey } from '../command.js';
import { RedisError } from '../redis-error.js';
import { bulk, integer, type Reply } from '../reply.js';
import { editString, requireSize } from '../stored-string.js';
import { requireType } from '../stored-type.js';

/** Parts of values: `APPEND`, `STRLEN`, `GETRANGE`, `SETRANGE`. */
export const substringCommands: readonly EntryCommand[] = [
  {
    name: 'append',
    arity: 3,
    flags: ['write', 'fast'],
    keys: firstKey,
    run: (transaction, args, [key = '']) => {
      const [before, more] = [requireType(transaction.before(key), 'string'), argument(args, 2)];
      requireSize(transaction, (before?.value.length ?? 0) + more.length);
      const value = before === undefined ? more : Buffer.concat([before.value, more]);
      editString(transaction, key, before, value);
      return integer(value.length);
    },
  },
  {
    name: 'strlen',
    arity: 2,
    flags: ['read', 'fast'],
    keys: firstKey,
    run: (transaction, _, [key = '']) => integer(requireType(transaction.head(key), 'string')?.sizeBytes ?? 0),
  },
  { name: 'getrange', arity: 4, flags: ['read'], keys: firstKey, run: getRange },
  { name: 'substr', arity: 4, flags: ['read'], keys: firstKey, run: getRange },
  { name: 'setrange', arity: 4, flags: ['write'], keys: firstKey, run: setRange },
];

function getRange(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  const [first, last] = [positionArgument(argument(args, 2)), positionArgument(argument(args, 3))];
  const value = requireType(transaction.get(key), 'string')?.value ?? new Uint8Array();
  if (first < 0 && last < 0 && first > last) return bulk('');
  const from = Math.max(0, first < 0 ? value.length + first : first);
  const to = Math.min(value.length - 1, Math.max(0, last < 0 ? value.length + last : last));
  return bulk(from > to ? new Uint8Array() : value.subarray(from, to + 1));
}

function setRange(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  const [offset, part] = [positionArgument(argument(args, 2)), argument(args, 3)];
  if (offset < 0) throw new RedisError('offset is out of range');
  const before = requireType(transaction.before(key), 'string');
  const length = before?.value.length ?? 0;
  if (part.length === 0) return integer(length);
  requireSize(transaction, offset + part.length);
  const value = Buffer.alloc(Math.max(length, offset + part.length));
  if (before !== undefined) value.set(before.value);
  value.set(part, offset);
  editString(transaction, key, before, value);
  return integer(value.length);
}
