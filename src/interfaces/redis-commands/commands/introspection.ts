import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import type { Entry } from '../../../domain/entry.js';
import { argument, integerArgument, optionOf, parseInteger } from '../arguments.js';
import { type Arguments, type EntryCommand, noKeys } from '../command.js';
import { RedisError, syntaxError } from '../redis-error.js';
import { bulk, integer, NULL, type Reply } from '../reply.js';
import { typeOf } from '../stored-type.js';

/** A longer value is not stored together with its description, in Redis. */
const MAX_EMBEDDED = 44;

type Subcommand = (transaction: InteractiveTransaction, key: string, options: Arguments) => Reply;

const objectSubcommands: Readonly<Record<string, Subcommand>> = {
  ENCODING: (transaction, key, options) => {
    if (options.length > 0) throw syntaxError();
    const entry = transaction.get(key);
    return entry === undefined ? NULL : bulk(encodingOf(entry));
  },
  REFCOUNT: (transaction, key, options) => {
    if (options.length > 0) throw syntaxError();
    return transaction.head(key) === undefined ? NULL : integer(1);
  },
};

const memorySubcommands: Readonly<Record<string, Subcommand>> = {
  USAGE: (transaction, key, options) => {
    const isValid = options.length === 0 || (options.length === 2 && optionOf(argument(options, 0)) === 'SAMPLES');
    if (!isValid) throw syntaxError();
    if (options.length === 2) integerArgument(argument(options, 1));
    const value = transaction.get(key)?.value;
    return value === undefined ? NULL : integer(Buffer.byteLength(key) + value.length);
  },
};

/** How a value is kept, as far as tools ask for it. */
export const introspectionCommands: readonly EntryCommand[] = [
  commandOf('object', objectSubcommands),
  commandOf('memory', memorySubcommands),
];

/** A command whose first word names what it does, and whose second is the key. */
function commandOf(name: string, subcommands: Readonly<Record<string, Subcommand>>): EntryCommand {
  const find = (args: Arguments): Subcommand | undefined => {
    const word = optionOf(argument(args, 1));
    return Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  };
  return {
    name,
    arity: -2,
    flags: ['read'],
    keys: (args) => (find(args) === undefined ? noKeys() : args.slice(2, 3)),
    run: (transaction, args, [key]) => {
      const subcommand = find(args);
      if (subcommand === undefined) throw new RedisError(`unknown subcommand '${args[1]}' of '${name}'`);
      if (key === undefined) {
        throw new RedisError(`wrong number of arguments for '${name}|${String(args[1]).toLowerCase()}' command`);
      }
      return subcommand(transaction, key, args.slice(3));
    },
  };
}

/** What Redis calls the way in which it keeps such a value. */
function encodingOf(entry: Entry): string {
  const [type, { value }] = [typeOf(entry), entry];
  if (type !== 'string') return type === 'hash' ? 'listpack' : 'hashtable';
  if (parseInteger(value) !== undefined) return 'int';
  return value.length <= MAX_EMBEDDED ? 'embstr' : 'raw';
}
