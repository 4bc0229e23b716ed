import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import { argument, integerArgument, isInteger64 } from '../arguments.js';
import { type Arguments, type EntryCommand, firstKey } from '../command.js';
import { addDecimals, parseDecimal } from '../decimal.js';
import { RedisError } from '../redis-error.js';
import { bulk, integer, type Reply } from '../reply.js';
import { editString } from '../stored-string.js';
import { requireType } from '../stored-type.js';

const common = { flags: ['write', 'fast'], keys: firstKey } as const;

/** Numbers: `INCR` and its variants. Each needs the right to read, because it returns the sum. */
export const counterCommands: readonly EntryCommand[] = [
  { name: 'incr', arity: 2, ...common, run: (transaction, _, [key = '']) => increment(transaction, key, 1n) },
  { name: 'decr', arity: 2, ...common, run: (transaction, _, [key = '']) => increment(transaction, key, -1n) },
  {
    name: 'incrby',
    arity: 3,
    ...common,
    run: (transaction, args, [key = '']) => increment(transaction, key, integerArgument(argument(args, 2))),
  },
  {
    name: 'decrby',
    arity: 3,
    ...common,
    run: (transaction, args, [key = '']) => {
      const by = -integerArgument(argument(args, 2));
      if (!isInteger64(by)) throw new RedisError('decrement would overflow');
      return increment(transaction, key, by);
    },
  },
  { name: 'incrbyfloat', arity: 3, ...common, run: incrementByFloat },
];

function increment(transaction: InteractiveTransaction, key: string, by: bigint): Reply {
  transaction.require(key, 'write');
  const before = requireType(transaction.get(key), 'string');
  const sum = (before === undefined ? 0n : integerArgument(before.value)) + by;
  if (!isInteger64(sum)) throw new RedisError('increment or decrement would overflow');
  transaction.apply({ kind: 'increment', key, by });
  return integer(sum);
}

function incrementByFloat(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  transaction.require(key, 'write');
  const before = requireType(transaction.get(key), 'string');
  const sum = addDecimals(
    before === undefined ? parseDecimal(Buffer.from('0')) : parseDecimal(before.value),
    parseDecimal(argument(args, 2)),
  );
  const value = Buffer.from(sum);
  editString(transaction, key, before, value);
  return bulk(value);
}
