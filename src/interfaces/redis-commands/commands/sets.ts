import { argument } from '../arguments.js';
import { type EntryCommand, firstKey } from '../command.js';
import { array, bulk, integer } from '../reply.js';
import { scanAll } from '../scan-all.js';
import { changeSet, readSet, textOf } from '../stored-collection.js';

const read = { flags: ['read', 'fast'], keys: firstKey } as const;
const write = { flags: ['write', 'fast'], keys: firstKey } as const;

/** Sets, which are JSON arrays of texts. */
export const setCommands: readonly EntryCommand[] = [
  {
    name: 'sadd',
    arity: -3,
    ...write,
    run: (transaction, args, [key = '']) =>
      changeSet(transaction, key, (members) => {
        const before = members.size;
        for (const member of args.slice(2)) members.add(textOf(member));
        return integer(members.size - before);
      }),
  },
  {
    name: 'srem',
    arity: -3,
    ...write,
    run: (transaction, args, [key = '']) =>
      changeSet(transaction, key, (members) =>
        integer(args.slice(2).filter((member) => members.delete(member.toString())).length),
      ),
  },
  {
    name: 'sismember',
    arity: 3,
    ...read,
    run: (transaction, args, [key = '']) => integer(readSet(transaction, key).has(argument(args, 2).toString())),
  },
  {
    name: 'smismember',
    arity: -3,
    ...read,
    run: (transaction, args, [key = '']) => {
      const members = readSet(transaction, key);
      return array(args.slice(2).map((member) => integer(members.has(member.toString()))));
    },
  },
  {
    name: 'smembers',
    arity: 2,
    ...read,
    run: (transaction, _, [key = '']) => ({ type: 'set', items: [...readSet(transaction, key)].map(bulk) }),
  },
  { name: 'scard', arity: 2, ...read, run: (transaction, _, [key = '']) => integer(readSet(transaction, key).size) },
  {
    name: 'sscan',
    arity: -3,
    ...read,
    run: (transaction, args, [key = '']) =>
      scanAll(
        args,
        [...readSet(transaction, key)],
        (member) => member,
        (member) => [bulk(member)],
      ),
  },
];
