import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `portkv completion`. */
export function completionCommand(): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .description('Print a script that completes commands, options and their values in a shell')
    .action(async (shell: (typeof SHELLS)[number], _, command: Command) => {
      const { completionScript } = await import('../../reference/completion-script.js');
      process.stdout.write(completionScript(shell, command.parent ?? command));
    });
}
