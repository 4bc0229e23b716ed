import type { Command } from 'commander';
import { bashCompletion } from './bash-completion.js';
import { describeCommand } from './command-tree.js';
import { fishCompletion } from './fish-completion.js';
import { zshCompletion } from './zsh-completion.js';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** The script that completes the program in a shell. */
export function completionScript(shell: keyof typeof scripts, program: Command): string {
  return scripts[shell](describeCommand(program));
}
