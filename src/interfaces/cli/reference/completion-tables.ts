import { allCommands, type CommandSummary, type OptionSummary } from './command-tree.js';

/** A case of a shell's `case … esac`: a pattern that is quoted, and what it gives. */
export type ShellCase = readonly [pattern: string, content: string];

/** The words of a command as they are in patterns: each after a space, so that none is the empty text. */
export function pathText({ path }: CommandSummary): string {
  return path.map((word) => ` ${word}`).join('');
}

/** What can follow each command, for shells whose scripts find their words by `case`. */
export function wordCases(program: CommandSummary): readonly ShellCase[] {
  return allCommands(program).map((command) => [
    pathText(command),
    [
      `commands=${quoted(command.commands.map(({ path }) => path.at(-1) as string))}`,
      `options=${quoted(command.options.flatMap(({ flags }) => flags))}`,
      `valued=${quoted(command.options.filter(takesValue).flatMap(({ flags }) => flags))}`,
      `choices=${quoted(command.choices)}`,
    ].join('; '),
  ]);
}

/** What the options with choices take, by command and option. */
export function choiceCases(program: CommandSummary): readonly ShellCase[] {
  return allCommands(program).flatMap((command) =>
    command.options
      .filter(({ choices }) => choices.length > 0)
      .flatMap(({ flags, choices }) =>
        flags.map((flag): ShellCase => [`${pathText(command)} ${flag}`, `choices=${quoted(choices)}`]),
      ),
  );
}

/** Cases of a shell, indented. */
export function casesText(cases: readonly ShellCase[]): string {
  return cases.map(([pattern, content]) => `    '${pattern}') ${content} ;;`).join('\n');
}

export function takesValue({ value }: OptionSummary): boolean {
  return value !== undefined;
}

function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}
