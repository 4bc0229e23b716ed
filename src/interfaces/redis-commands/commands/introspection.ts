import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import type { Entry } from '../../../domain/entry.js';
import { integerArgument, optionOf, parseInteger } from '../arguments.js';
import { type Arguments, type EntryCommand, noKeys, type Subcommands } from '../command.js';
import { syntaxError } from '../redis-error.js';
import { bulk, integer, NULL, type Reply } from '../reply.js';
import { typeOf } from '../stored-type.js';
import { findSubcommand, requireSubcommand } from '../subcommands.js';

/** A longer value is not stored together with its description, in Redis. */
const MAX_EMBEDDED = 44;

type Run = (transaction: InteractiveTransaction, key: string, options: Arguments) => Reply;

const objectSubcommands: Subcommands<{ readonly run: Run }> = {
  ENCODING: {
    arity: 3,
    run: (transaction, key) => {
      const entry = transaction.get(key);
      return entry === undefined ? NULL : bulk(encodingOf(entry));
    },
  },
  REFCOUNT: {
    arity: 3,
    run: (transaction, key) => (transaction.head(key) === undefined ? NULL : integer(1)),
  },
};

const memorySubcommands: Subcommands<{ readonly run: Run }> = {
  USAGE: {
    arity: -3,
    run: (transaction, key, [option, samples, ...rest]) => {
      const isValid = option === undefined || (optionOf(option) === 'SAMPLES' && samples && rest.length === 0);
      if (!isValid || (samples && integerArgument(samples) < 0n)) throw syntaxError();
      const value = transaction.get(key)?.value;
      return value === undefined ? NULL : integer(Buffer.byteLength(key) + value.length);
    },
  },
};

/** How a value is kept, as far as tools ask for it. */
export const introspectionCommands: readonly EntryCommand[] = [
  commandOf('object', objectSubcommands),
  commandOf('memory', memorySubcommands),
];

/** A command whose first word names what it does, and whose second is the key. */
function commandOf(name: string, subcommands: Subcommands<{ readonly run: Run }>): EntryCommand {
  return {
    name,
    arity: -2,
    flags: ['read'],
    subcommands,
    keys: (args) => (findSubcommand(subcommands, args) === undefined ? noKeys() : args.slice(2, 3)),
    run: (transaction, args, [key = '']) =>
      requireSubcommand(name, subcommands, args).run(transaction, key, args.slice(3)),
  };
}

/** What Redis calls the way in which it keeps such a value. */
function encodingOf(entry: Entry): string {
  const [type, { value }] = [typeOf(entry), entry];
  if (type !== 'string') return type === 'hash' ? 'listpack' : 'hashtable';
  if (parseInteger(value) !== undefined) return 'int';
  return value.length <= MAX_EMBEDDED ? 'embstr' : 'raw';
}
