import { argument, optionOf, positionArgument } from './arguments.js';
import type { Arguments } from './command.js';
import { Glob } from './glob.js';
import { RedisError, syntaxError } from './redis-error.js';
import { array, bulk, type Reply } from './reply.js';

/** The reply of `HSCAN` and `SSCAN`, which return all at once: one value is read as a whole anyway. */
export function scanAll<T>(
  args: Arguments,
  items: readonly T[],
  nameOf: (item: T) => string,
  repliesFor: (item: T) => readonly Reply[],
): Reply {
  if (!/^\d{1,20}$/.test(argument(args, 2).toString('latin1'))) throw new RedisError('invalid cursor');
  // As Redis, which looks at options only if there is something to scan.
  if (items.length === 0) return array([bulk('0'), array([])]);
  let glob: Glob | undefined;
  for (let i = 3; i < args.length; i += 2) {
    const [option, value] = [optionOf(argument(args, i)), args[i + 1]];
    if (value === undefined) throw syntaxError();
    if (option === 'MATCH') glob = new Glob(value);
    else if (option !== 'COUNT' || positionArgument(value) < 1) throw syntaxError();
  }
  const found = items.filter((item) => glob === undefined || glob.matches(nameOf(item)));
  return array([bulk('0'), array(found.flatMap(repliesFor))]);
}
