import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import type { EntryHead } from '../../../domain/entry.js';
import { argument, integerArgument, optionOf } from '../arguments.js';
import { type Arguments, allKeys, type EntryCommand, firstKey } from '../command.js';
import { RedisError, syntaxError } from '../redis-error.js';
import { integer, OK, type Reply } from '../reply.js';
import { putCopy } from '../stored-string.js';
import { typeOf } from '../stored-type.js';

const bothKeys = (args: Arguments): Arguments => args.slice(1, 3);

/** Keys as a whole: whether they exist, and their names. */
export const keyCommands: readonly EntryCommand[] = [
  { name: 'del', arity: -2, flags: ['write'], keys: allKeys, run: remove },
  { name: 'unlink', arity: -2, flags: ['write', 'fast'], keys: allKeys, run: remove },
  { name: 'exists', arity: -2, flags: ['read', 'fast'], keys: allKeys, run: countExisting },
  { name: 'touch', arity: -2, flags: ['read', 'fast'], keys: allKeys, run: countExisting },
  {
    name: 'type',
    arity: 2,
    flags: ['read', 'fast'],
    keys: firstKey,
    run: (transaction, _, [key = '']) => ({
      type: 'simple',
      text: nameOfType(transaction.head(key)),
    }),
  },
  {
    name: 'rename',
    arity: 3,
    flags: ['write'],
    keys: bothKeys,
    run: (transaction, _, keys) => {
      rename(transaction, keys, false);
      return OK;
    },
  },
  {
    name: 'renamenx',
    arity: 3,
    flags: ['write', 'fast'],
    keys: bothKeys,
    run: (transaction, _, keys) => integer(rename(transaction, keys, true)),
  },
  { name: 'copy', arity: -3, flags: ['write'], keys: bothKeys, run: copy },
];

function nameOfType(head: EntryHead | undefined): string {
  return head === undefined ? 'none' : typeOf(head);
}

function remove(transaction: InteractiveTransaction, _: Arguments, keys: readonly string[]): Reply {
  const existing = keys.filter((key) => transaction.apply({ kind: 'delete', key }).before !== undefined);
  return integer(existing.length);
}

function countExisting(transaction: InteractiveTransaction, _: Arguments, keys: readonly string[]): Reply {
  return integer(keys.filter((key) => transaction.head(key) !== undefined).length);
}

/** Whether it was renamed; with `onlyNew`, not if the new name is taken. */
function rename(
  transaction: InteractiveTransaction,
  [from = '', to = '']: readonly string[],
  onlyNew: boolean,
): boolean {
  transaction.require(from, 'read', 'delete');
  transaction.require(to, 'write');
  const source = transaction.get(from);
  if (source === undefined) throw new RedisError('no such key');
  if (from === to) return !onlyNew;
  if (onlyNew && transaction.before(to) !== undefined) return false;
  putCopy(transaction, to, source, onlyNew);
  transaction.apply({ kind: 'delete', key: from }, onlyNew);
  return true;
}

function copy(transaction: InteractiveTransaction, args: Arguments, [from = '', to = '']: readonly string[]): Reply {
  let replaces = false;
  for (let i = 3; i < args.length; i++) {
    const option = optionOf(argument(args, i));
    if (option === 'REPLACE') replaces = true;
    else if (option === 'DB' && i + 1 < args.length) {
      i += 1;
      if (integerArgument(argument(args, i)) !== 0n) throw new RedisError('DB index is out of range');
    } else throw syntaxError();
  }
  if (from === to) throw new RedisError('source and destination objects are the same');
  transaction.require(to, 'write');
  const source = transaction.get(from);
  if (source === undefined || (!replaces && transaction.before(to) !== undefined)) return integer(0);
  putCopy(transaction, to, source, !replaces);
  return integer(1);
}
