import { optionOf, requireArity } from './arguments.js';
import type { Arguments, Subcommands } from './command.js';
import { RedisError } from './redis-error.js';

/** The subcommand that the second word names, if there is one. */
export function findSubcommand<T>(subcommands: Subcommands<T>, args: Arguments): T | undefined {
  const word = args[1] === undefined ? '' : optionOf(args[1]);
  return Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
}

/** The same. Throws if there is no such one, or the number of arguments is wrong. */
export function requireSubcommand<T>(command: string, subcommands: Subcommands<T>, args: Arguments): T {
  const found = findSubcommand(subcommands, args) as Subcommands<T>[string] | undefined;
  if (found === undefined) throw new RedisError(`unknown subcommand '${args[1]}' of '${command}'`);
  requireArity({ name: `${command}|${String(args[1]).toLowerCase()}`, arity: found.arity }, args);
  return found;
}

/** Throws if the number of arguments is wrong, or if the command has subcommands and none of them is named. */
export function requireArguments(
  command: { readonly name: string; readonly arity: number; readonly subcommands?: Subcommands },
  args: Arguments,
): void {
  requireArity(command, args);
  if (command.subcommands !== undefined && args.length > 1) requireSubcommand(command.name, command.subcommands, args);
}
