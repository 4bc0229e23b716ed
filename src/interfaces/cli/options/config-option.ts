import { type Command, Option } from 'commander';
import { AppError } from '../../../domain/errors.js';

export const DEFAULT_CONFIG = 'config.json';

/** `--config FILE`, else `PORTKV_CONFIG`, else `config.json` in the current folder. An empty name is `invalid`. */
export function configOption(): Option {
  return optionalConfigOption().default(DEFAULT_CONFIG);
}

/** The same for commands that need no configuration: undefined if neither names one. */
export function optionalConfigOption(): Option {
  return new Option('--config <file>', 'configuration file').env('PORTKV_CONFIG').argParser(parseConfig);
}

/** Whether neither the option nor the variable names a configuration. */
export function isDefaultConfig(command: Command): boolean {
  return command.getOptionValueSource('config') === 'default';
}

function parseConfig(path: string): string {
  if (path.trim() !== '') return path;
  throw new AppError('invalid', '--config or PORTKV_CONFIG is empty: name the configuration file, or leave it out');
}
