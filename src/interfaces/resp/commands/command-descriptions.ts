import { hasArity, optionOf } from '../../redis-commands/arguments.js';
import type { Arguments, Subcommands } from '../../redis-commands/command.js';
import { Glob } from '../../redis-commands/glob.js';
import { commandTable, findCommand } from '../../redis-commands/redis-commands.js';
import { RedisError, syntaxError } from '../../redis-commands/redis-error.js';
import { array, bulk, integer, NULL, type Reply } from '../../redis-commands/reply.js';
import { requireSubcommand } from '../../redis-commands/subcommands.js';

interface Subcommand {
  run(names: Arguments): Reply;
}

export const commandSubcommands: Subcommands<Subcommand> = {
  COUNT: { arity: 2, run: () => integer(commandTable.size) },
  INFO: { arity: -2, run: (names) => array(orAll(names).map(describe)) },
  LIST: { arity: -2, run: (options) => array(listed(options).map(bulk)) },
  DOCS: {
    arity: -2,
    run: (names) => ({
      type: 'map',
      entries: orAll(names)
        .filter((name) => commandTable.has(name))
        .map(documentation),
    }),
  },
  GETKEYS: { arity: -4, run: (words) => array(keysIn(words).map(bulk)) },
};

/** What `COMMAND` answers about the commands on entries. */
export function commandDescriptions(args: Arguments): Reply {
  if (args.length === 1) return array([...commandTable.keys()].map(describe));
  return requireSubcommand('command', commandSubcommands, args).run(args.slice(2));
}

function orAll(names: Arguments): readonly string[] {
  return names.length === 0 ? [...commandTable.keys()] : names.map((name) => name.toString().toLowerCase());
}

/** There are neither modules nor categories of commands. */
function listed(options: Arguments): readonly string[] {
  const names = [...commandTable.keys()];
  const [by, kind, value] = options;
  if (by === undefined) return names;
  if (optionOf(by) !== 'FILTERBY' || kind === undefined || value === undefined || options.length > 3) {
    throw syntaxError();
  }
  if (['MODULE', 'ACLCAT'].includes(optionOf(kind))) return [];
  if (optionOf(kind) !== 'PATTERN') throw syntaxError();
  const glob = new Glob(Buffer.from(value.toString().toLowerCase()));
  return names.filter((name) => glob.matches(name));
}

function keysIn(words: Arguments): Arguments {
  const command = findCommand(words);
  if (command === undefined) throw new RedisError('Invalid command specified');
  const hasKeys = 'run' in command && command.keys(sampleOf(command.arity)).length > 0;
  if (!hasKeys) throw new RedisError('The command has no key arguments');
  if (!hasArity(command, words)) throw new RedisError('Invalid number of arguments specified for command');
  return command.keys(words);
}

function describe(name: string): Reply {
  const command = commandTable.get(name);
  if (command === undefined) return NULL;
  const { arity } = command;
  const flags = command.flags.map((flag) => ({ type: 'simple', text: flag === 'read' ? 'readonly' : flag }) as const);
  const [first, last, step] = 'run' in command ? keyPositions(command.keys(sampleOf(arity))) : [0, 0, 0];
  return array([
    ...[bulk(name), integer(arity), array(flags)],
    ...[first, last, step].map(integer),
    // Categories of access control, tips, specifications of keys, subcommands.
    ...[array([]), array([]), array([]), array([])],
  ]);
}

/** Arguments whose text is their position. */
function sampleOf(arity: number): Arguments {
  return Array.from({ length: Math.max(Math.abs(arity), arity < 0 ? 6 : 0) }, (_, i) => Buffer.from(String(i)));
}

/** The positions of keys in a sample: the first, the last (from the end if there may be more), and the step. */
function keyPositions(keys: Arguments): readonly [number, number, number] {
  const [first = 0, second] = keys.map(Number);
  if (second === undefined) return [first, first, first === 0 ? 0 : 1];
  return keys.length > 2 ? [first, -1, second - first] : [first, second, second - first];
}

function documentation(name: string): readonly [Reply, Reply] {
  const page = `https://redis.io/docs/latest/commands/${name}`;
  return [bulk(name), { type: 'map', entries: [[bulk('summary'), bulk(page)]] }];
}
