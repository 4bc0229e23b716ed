import { argument } from '../arguments.js';
import { type EntryCommand, noKeys } from '../command.js';
import { wrongArity } from '../redis-error.js';
import { bulk } from '../reply.js';

/** Commands that touch no key. */
export const connectionCommands: readonly EntryCommand[] = [
  {
    name: 'ping',
    arity: -1,
    flags: ['fast'],
    keys: noKeys,
    run: (_, args) => {
      if (args.length > 2) throw wrongArity('ping');
      return args.length === 1 ? { type: 'simple', text: 'PONG' } : bulk(argument(args, 1));
    },
  },
  { name: 'echo', arity: 2, flags: ['fast'], keys: noKeys, run: (_, args) => bulk(argument(args, 1)) },
];
