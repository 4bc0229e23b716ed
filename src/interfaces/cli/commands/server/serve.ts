import { Command, InvalidArgumentError } from 'commander';
import type { Actions, ServeOptions } from '../../actions.js';
import { configOption, isDefaultConfig } from '../../options/config-option.js';
import { parseText } from '../../options/option-values.js';

const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'];

/** `portkv serve`. */
export function serveCommand(actions: Actions): Command {
  return new Command('serve')
    .description('Start the server; without --config, the first start writes config.json and prints the keys')
    .addOption(configOption())
    .option('--init', 'write the configuration if it is missing, as without --config')
    .option('--adopt', 'take over a data folder that belongs to another configuration, or begin again without data')
    .option('--host <address>', 'address to listen on, instead of the configured one', parseText)
    .option('--port <number>', 'port to listen on, 0 for a free one, instead of the configured one', parsePort)
    .option('--redis-port <number>', 'port for Redis clients, 0 for a free one; without it, as configured', parsePort)
    .option('--data <folder>', 'data folder, instead of the configured one', parseText)
    .option('--log-level <level>', 'error, warn, info, debug or trace, instead of the configured one', parseLogLevel)
    .action(({ init, ...options }: ServeOptions, command: Command) =>
      actions.serve({ ...options, init: init === true || isDefaultConfig(command) }),
    );
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65535) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}

function parseLogLevel(text: string): string {
  if (LOG_LEVELS.includes(text)) return text;
  throw new InvalidArgumentError(`a level is one of ${LOG_LEVELS.join(', ')}`);
}
