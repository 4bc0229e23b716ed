import type { Command } from 'commander';

/** Which server, or which configuration of a stopped one, a command is for. */
export interface Target {
  readonly config: string;
  readonly data?: string;
  readonly url?: string;
  readonly key?: string;
}

/** A command with the options that say what it is for. */
export function targeted(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration file', 'config.json')
    .option('--data <folder>', 'data folder, instead of the configured one')
    .option('--url <address>', 'address of a running server, else PORTKV_URL, else as configured')
    .option('--key <key>', 'API key for a running server, else PORTKV_KEY');
}
