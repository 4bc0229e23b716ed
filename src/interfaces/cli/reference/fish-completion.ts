import { allCommands, type CommandSummary, type OptionSummary } from './command-tree.js';
import { pathText, takesValue } from './completion-tables.js';

/** A script that completes `portkv` in fish, with descriptions. */
export function fishCompletion(program: CommandSummary): string {
  const commands = allCommands(program);
  return `# Completion of portkv for fish: portkv completion fish > ~/.config/fish/completions/portkv.fish
function __portkv_valued
    switch "$argv[1]"
${commands.map(valuedCase).join('\n')}
    end
end

function __portkv_commands
    switch "$argv[1]"
${commands.map(commandsCase).join('\n')}
    end
end

# Whether the words so far call this command.
function __portkv_at
    set -l path ''
    set -l pending no
    for word in (commandline -opc)[2..-1]
        if test $pending = yes
            set pending no
        else if contains -- $word (__portkv_valued "$path")
            set pending yes
        else if contains -- $word (__portkv_commands "$path")
            set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end

complete -c portkv -e
${commands.flatMap(completions).join('\n')}
`;
}

function valuedCase(command: CommandSummary): string {
  const flags = command.options.filter(takesValue).flatMap((option) => option.flags);
  return switchCase(command, flags);
}

function commandsCase(command: CommandSummary): string {
  return switchCase(
    command,
    command.commands.map(({ path }) => path.at(-1) as string),
  );
}

function switchCase(command: CommandSummary, words: readonly string[]): string {
  const print = words.length === 0 ? 'true' : `printf '%s\\n' ${words.join(' ')}`;
  return `        case '${pathText(command)}'\n            ${print}`;
}

function completions(command: CommandSummary): readonly string[] {
  const start = `complete -c portkv -n "__portkv_at '${pathText(command)}'"`;
  const choices = command.choices.length === 0 ? [] : [`${start} -f -a '${command.choices.join(' ')}'`];
  return [
    ...command.commands.map(({ path, description }) => `${start} -f -a ${path.at(-1)} -d ${quoted(description)}`),
    ...command.options.map((option) => `${start} ${optionText(option)}`),
    ...choices,
  ];
}

function optionText({ flags, value, choices, description }: OptionSummary): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const argument = value === undefined ? '' : choices.length === 0 ? ' -r' : ` -x -a '${choices.join(' ')}'`;
  return `${names.join(' ')}${argument} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
