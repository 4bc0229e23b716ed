import { allCommands, type CommandSummary, type OptionSummary } from './command-tree.js';
import { casesText, choiceCases, pathText, type ShellCase, wordCases } from './completion-tables.js';

/** A script that completes `portkv` in zsh, with descriptions. */
export function zshCompletion(program: CommandSummary): string {
  return `#compdef portkv
# Completion of portkv for zsh: portkv completion zsh > DIRECTORY_OF_FPATH/_portkv
_portkv_words() {
  case "$1" in
${casesText(wordCases(program))}
    *) commands=''; options=''; valued=''; choices='' ;;
  esac
}

_portkv_choices() {
  case "$1" in
${casesText(choiceCases(program))}
    *) choices='' ;;
  esac
}

_portkv_described() {
  case "$1" in
${casesText(describedCases(program))}
  esac
}

_portkv() {
  local current="\${words[CURRENT]}" word_path='' pending='' word commands options valued choices i
  local -a described_commands described_options found
  _portkv_words ''
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n "$pending" ]]; then
      pending=''
    elif [[ " $valued " == *" $word "* ]]; then
      pending="$word"
    elif [[ "$word" != -* && " $commands " == *" $word "* ]]; then
      word_path="$word_path $word"
      _portkv_words "$word_path"
    fi
  done
  _portkv_described "$word_path"
  if [[ -n "$pending" ]]; then
    _portkv_choices "$word_path $pending"
    found=(\${=choices})
    if (( $#found )); then compadd -a found; else _files; fi
  elif [[ "$current" == -* ]]; then
    _describe -o 'option' described_options
  elif (( $#described_commands )); then
    _describe 'command' described_commands
  else
    found=(\${=choices})
    if (( $#found )); then compadd -a found; else _files; fi
  fi
}

if [[ "$funcstack[1]" == _portkv ]]; then _portkv "$@"; else compdef _portkv portkv; fi
`;
}

/** The commands and options with what they do, as \`_describe\` takes them. */
function describedCases(program: CommandSummary): readonly ShellCase[] {
  return allCommands(program).map((command) => {
    const commands = command.commands.map(({ path, description }) => item(path.at(-1), description));
    const options = command.options.flatMap(optionItems);
    return [pathText(command), `described_commands=(${commands.join(' ')}); described_options=(${options.join(' ')})`];
  });
}

function optionItems({ flags, description }: OptionSummary): readonly string[] {
  return flags.map((flag) => item(flag, description));
}

function item(word: string | undefined, description: string): string {
  return `'${word}:${description.replaceAll("'", "'\\''")}'`;
}
