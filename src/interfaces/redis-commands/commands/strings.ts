import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import { argument } from '../arguments.js';
import { type Arguments, allKeys, type EntryCommand, everySecond, firstKey } from '../command.js';
import { positiveInstantOf, stringOptions } from '../expiry-options.js';
import { wrongArity } from '../redis-error.js';
import { array, bulkOrNull, integer, NULL, OK, type Reply } from '../reply.js';
import { putString } from '../stored-string.js';
import { requireType, typeOf } from '../stored-type.js';

const write = ['write', 'fast'] as const;

/** Whole values: `GET`, `SET` and their variants. */
export const stringCommands: readonly EntryCommand[] = [
  {
    name: 'get',
    arity: 2,
    flags: ['read', 'fast'],
    keys: firstKey,
    run: (transaction, _, [key = '']) => bulkOrNull(requireType(transaction.get(key), 'string')?.value),
  },
  { name: 'set', arity: -3, flags: ['write'], keys: firstKey, run: set },
  {
    name: 'mget',
    arity: -2,
    flags: ['read', 'fast'],
    keys: allKeys,
    run: (transaction, _, keys) =>
      array(
        keys.map((key) => {
          const entry = transaction.get(key);
          return bulkOrNull(entry && typeOf(entry) === 'string' ? entry.value : undefined);
        }),
      ),
  },
  {
    name: 'mset',
    arity: -3,
    flags: ['write'],
    keys: everySecond,
    run: (transaction, args, keys) => {
      putAll(transaction, args, keys, false);
      return OK;
    },
  },
  {
    name: 'msetnx',
    arity: -3,
    flags: ['write'],
    keys: everySecond,
    run: (transaction, args, keys) => {
      requirePairs(args);
      const before = keys.map((key) => transaction.before(key));
      if (before.some((entry) => entry !== undefined)) return integer(0);
      putAll(transaction, args, keys, true);
      return integer(1);
    },
  },
  {
    name: 'getset',
    arity: 3,
    flags: write,
    keys: firstKey,
    run: (transaction, args, [key = '']) => {
      const before = requireType(transaction.get(key), 'string')?.value;
      putString(transaction, key, argument(args, 2));
      return bulkOrNull(before);
    },
  },
  {
    name: 'getdel',
    arity: 2,
    flags: write,
    keys: firstKey,
    run: (transaction, _, [key = '']) => {
      transaction.require(key, 'delete');
      const before = requireType(transaction.get(key), 'string')?.value;
      if (before !== undefined) transaction.apply({ kind: 'delete', key });
      return bulkOrNull(before);
    },
  },
  { name: 'getex', arity: -2, flags: write, keys: firstKey, run: getEx },
  {
    name: 'setnx',
    arity: 3,
    flags: write,
    keys: firstKey,
    run: (transaction, args, [key = '']) => {
      if (transaction.before(key) !== undefined) return integer(0);
      putString(transaction, key, argument(args, 2), { isConditional: true });
      return integer(1);
    },
  },
  { name: 'setex', arity: 4, flags: ['write'], keys: firstKey, run: setWithTime('EX', 'setex') },
  { name: 'psetex', arity: 4, flags: ['write'], keys: firstKey, run: setWithTime('PX', 'psetex') },
];

function set(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  const options = stringOptions(args, 3, ['NX', 'XX', 'GET', 'KEEPTTL'], transaction.now, 'set');
  const expiry = options.expiry() ?? 'never';
  const before = options.get ? requireType(transaction.get(key), 'string') : undefined;
  const reply = options.get ? bulkOrNull(before?.value) : OK;
  if (options.exists !== undefined) {
    const exists = transaction.before(key) !== undefined;
    if (exists !== (options.exists === 'XX')) return options.get ? reply : NULL;
  }
  const isConditional = options.exists !== undefined;
  putString(transaction, key, argument(args, 2), { expiry, isConditional });
  return reply;
}

function getEx(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  const options = stringOptions(args, 2, ['PERSIST'], transaction.now, 'getex');
  if (args.length > 2) transaction.require(key, 'write');
  const before = requireType(transaction.get(key), 'string');
  const expiry = before && options.expiry();
  if (before === undefined || expiry === undefined) return bulkOrNull(before?.value);
  if (typeof expiry === 'object' && 'at' in expiry && expiry.at <= transaction.now) {
    transaction.apply({ kind: 'delete', key });
  } else if (expiry !== 'never' || before.expiresAt !== undefined) {
    transaction.apply({ kind: 'touch', key, expiry });
  }
  return bulkOrNull(before.value);
}

function setWithTime(unit: 'EX' | 'PX', command: string): EntryCommand['run'] {
  return (transaction, args, [key = '']) => {
    const at = positiveInstantOf(argument(args, 2), unit, transaction.now, command);
    putString(transaction, key, argument(args, 3), { expiry: { at } });
    return OK;
  };
}

function putAll(
  transaction: InteractiveTransaction,
  args: Arguments,
  keys: readonly string[],
  isConditional: boolean,
): void {
  requirePairs(args);
  for (const [i, key] of keys.entries()) putString(transaction, key, argument(args, 2 * i + 2), { isConditional });
}

function requirePairs(args: Arguments): void {
  const name = argument(args, 0).toString('latin1').toLowerCase();
  if (args.length % 2 === 0) throw wrongArity(name);
}
