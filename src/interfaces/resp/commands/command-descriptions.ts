import type { Arguments } from '../../redis-commands/command.js';
import { commandTable } from '../../redis-commands/redis-commands.js';
import { RedisError } from '../../redis-commands/redis-error.js';
import { array, bulk, integer, NULL, type Reply } from '../../redis-commands/reply.js';

/** What `COMMAND` answers about the commands on entries. */
export function commandDescriptions(args: Arguments): Reply {
  const [, subcommand = '', ...names] = args.map((word) => word.toString().toLowerCase());
  const asked = names.length === 0 ? [...commandTable.keys()] : names;
  switch (subcommand) {
    case '':
      return array([...commandTable.keys()].map(describe));
    case 'count':
      return integer(commandTable.size);
    case 'info':
      return array(asked.map(describe));
    case 'list':
      return array([...commandTable.keys()].map(bulk));
    case 'docs':
      return { type: 'map', entries: asked.filter((name) => commandTable.has(name)).map(documentation) };
    default:
      throw new RedisError(`unknown subcommand '${args[1]}' of 'command'`);
  }
}

function describe(name: string): Reply {
  const command = commandTable.get(name);
  if (command === undefined) return NULL;
  const { arity, flags } = command;
  const [first, last, step] = 'run' in command ? keyPositions(command.keys(sampleOf(arity))) : [0, 0, 0];
  const words = [bulk(name), integer(arity), array(flags.map((flag) => ({ type: 'simple', text: flag }) as const))];
  return array([...words, integer(first), integer(last), integer(step), array([])]);
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
