import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import { argument, integerArgument, isInteger64, parseInteger } from '../arguments.js';
import { type Arguments, type EntryCommand, firstKey } from '../command.js';
import { RedisError, wrongArity } from '../redis-error.js';
import { array, bulk, bulkOrNull, integer, OK, type Reply } from '../reply.js';
import { scanAll } from '../scan-all.js';
import { changeHash, readHash, textOf } from '../stored-collection.js';

const read = { flags: ['read', 'fast'], keys: firstKey } as const;
const write = { flags: ['write', 'fast'], keys: firstKey } as const;

/** Hashes, which are JSON objects of texts. */
export const hashCommands: readonly EntryCommand[] = [
  {
    name: 'hset',
    arity: -4,
    ...write,
    run: (transaction, args, [key = '']) => integer(setFields(transaction, args, key)),
  },
  {
    name: 'hmset',
    arity: -4,
    ...write,
    run: (transaction, args, [key = '']) => {
      setFields(transaction, args, key);
      return OK;
    },
  },
  {
    name: 'hsetnx',
    arity: 4,
    ...write,
    run: (transaction, args, [key = '']) =>
      changeHash(transaction, key, (fields) => {
        const field = textOf(argument(args, 2));
        if (fields.has(field)) return integer(0);
        fields.set(field, textOf(argument(args, 3)));
        return integer(1);
      }),
  },
  {
    name: 'hget',
    arity: 3,
    ...read,
    run: (transaction, args, [key = '']) => fieldIn(readHash(transaction, key), argument(args, 2)),
  },
  {
    name: 'hmget',
    arity: -3,
    ...read,
    run: (transaction, args, [key = '']) => {
      const fields = readHash(transaction, key);
      return array(args.slice(2).map((field) => fieldIn(fields, field)));
    },
  },
  {
    name: 'hgetall',
    arity: 2,
    ...read,
    run: (transaction, _, [key = '']) => ({
      type: 'map',
      entries: [...readHash(transaction, key)].map(([field, value]) => [bulk(field), bulk(value)] as const),
    }),
  },
  {
    name: 'hkeys',
    arity: 2,
    ...read,
    run: (transaction, _, [key = '']) => array([...readHash(transaction, key).keys()].map(bulk)),
  },
  {
    name: 'hvals',
    arity: 2,
    ...read,
    run: (transaction, _, [key = '']) => array([...readHash(transaction, key).values()].map(bulk)),
  },
  { name: 'hlen', arity: 2, ...read, run: (transaction, _, [key = '']) => integer(readHash(transaction, key).size) },
  {
    name: 'hexists',
    arity: 3,
    ...read,
    run: (transaction, args, [key = '']) => integer(readHash(transaction, key).has(argument(args, 2).toString())),
  },
  {
    name: 'hstrlen',
    arity: 3,
    ...read,
    run: (transaction, args, [key = '']) =>
      integer(Buffer.byteLength(readHash(transaction, key).get(argument(args, 2).toString()) ?? '')),
  },
  {
    name: 'hdel',
    arity: -3,
    ...write,
    run: (transaction, args, [key = '']) =>
      changeHash(transaction, key, (fields) =>
        integer(args.slice(2).filter((field) => fields.delete(field.toString())).length),
      ),
  },
  { name: 'hincrby', arity: 4, ...write, run: incrementField },
  {
    name: 'hscan',
    arity: -3,
    ...read,
    run: (transaction, args, [key = '']) => {
      const fields = readHash(transaction, key);
      return scanAll(
        args,
        [...fields],
        ([field]) => field,
        ([field, value]) => [bulk(field), bulk(value)],
      );
    },
  },
];

/** How many fields are new. */
function setFields(transaction: InteractiveTransaction, args: Arguments, key: string): number {
  const name = argument(args, 0).toString('latin1').toLowerCase();
  if (args.length % 2 !== 0) throw wrongArity(name);
  return changeHash(transaction, key, (fields) => {
    const before = fields.size;
    for (let i = 2; i < args.length; i += 2) fields.set(textOf(argument(args, i)), textOf(argument(args, i + 1)));
    return fields.size - before;
  });
}

function fieldIn(fields: ReadonlyMap<string, string>, field: Buffer): Reply {
  const value = fields.get(field.toString());
  return bulkOrNull(value === undefined ? undefined : Buffer.from(value));
}

/** Needs the right to read, because it returns the sum. */
function incrementField(transaction: InteractiveTransaction, args: Arguments, [key = '']: readonly string[]): Reply {
  transaction.require(key, 'read', 'write');
  const by = integerArgument(argument(args, 3));
  return changeHash(transaction, key, (fields) => {
    const field = textOf(argument(args, 2));
    const before = parseInteger(Buffer.from(fields.get(field) ?? '0'));
    if (before === undefined) throw new RedisError('hash value is not an integer');
    if (!isInteger64(before + by)) throw new RedisError('increment or decrement would overflow');
    fields.set(field, String(before + by));
    return integer(before + by);
  });
}
