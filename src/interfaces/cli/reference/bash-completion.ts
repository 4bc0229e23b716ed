import type { CommandSummary } from './command-tree.js';
import { casesText, choiceCases, wordCases } from './completion-tables.js';

/** A script that completes `portkv` in bash, from version 3.2. */
export function bashCompletion(program: CommandSummary): string {
  return `# Completion of portkv for bash: portkv completion bash > ~/.local/share/bash-completion/completions/portkv
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

_portkv() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' pending='' word commands options valued choices i
  COMPREPLY=()
  _portkv_words "$path"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # bash gives --option=value as three words.
    if [[ "$word" == '=' ]]; then continue; fi
    if [[ -n "$pending" ]]; then pending=''
    elif [[ " $valued " == *" $word "* ]]; then pending="$word"
    elif [[ "$word" != -* && " $commands " == *" $word "* ]]; then
      path="$path $word"
      _portkv_words "$path"
    fi
  done
  if [[ "$current" == '=' ]]; then current=''; fi
  if [[ -n "$pending" ]]; then
    _portkv_choices "$path $pending"
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands $choices" -- "$current"))
  fi
}

# Without a word of its own it completes names of files.
complete -o default -F _portkv portkv
`;
}
