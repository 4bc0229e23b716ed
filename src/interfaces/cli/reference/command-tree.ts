import { type Argument, type Command, Help, type Option } from 'commander';

/** An option of a command. */
export interface OptionSummary {
  /** As they are written: the short one first, if there is one. */
  readonly flags: readonly string[];
  /** What stands for its value, such as `<key>`; undefined if it takes none. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
  readonly description: string;
}

/** A command as its help text shows it: completion and the manual page are made of these. */
export interface CommandSummary {
  /** The words that call it after `portkv`; none for the program itself. */
  readonly path: readonly string[];
  /** Such as `<project> [file]`. */
  readonly usage: string;
  readonly description: string;
  readonly commands: readonly CommandSummary[];
  readonly options: readonly OptionSummary[];
  /** What its arguments may be, for those that have choices. */
  readonly choices: readonly string[];
}

/** Describes the program and everything below it. */
export function describeCommand(command: Command, path: readonly string[] = []): CommandSummary {
  const help = new Help();
  return {
    path,
    usage: command.registeredArguments.map(argumentText).join(' '),
    description: command.description(),
    commands: help
      .visibleCommands(command)
      .filter((inner) => inner.name() !== 'help')
      .map((inner) => describeCommand(inner, [...path, inner.name()])),
    options: help.visibleOptions(command).map(describeOption),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

/** The command and all below it, in the order of the help text. */
export function allCommands(command: CommandSummary): readonly CommandSummary[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function describeOption({ short, long, flags, argChoices, description, defaultValue }: Option): OptionSummary {
  const value = /(?:<[^>]+>|\[[^\]]+\])$/.exec(flags)?.[0];
  const isShown = value !== undefined && typeof defaultValue === 'string' && defaultValue !== '';
  return {
    flags: [short, long].filter((flag) => flag != null),
    value,
    choices: argChoices ?? [],
    description: isShown ? `${description} (default: ${defaultValue})` : description,
  };
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
