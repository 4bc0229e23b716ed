import type { Command } from 'commander';
import { configOption } from './config-option.js';

/** The server that a command is for, or the configuration of a stopped one. */
export interface Target {
  readonly config: string;
  readonly data?: string;
  readonly url?: string;
  readonly key?: string;
}

/** Adds the options that make up a `Target`. */
export function withTargetOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--data <folder>', 'data folder, instead of the configured one')
    .option('--url <address>', 'address of a running server, else PORTKV_URL, else as configured')
    .option('--key <key>', 'API key for a running server, else PORTKV_KEY');
}
