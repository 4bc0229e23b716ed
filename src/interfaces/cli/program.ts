import { Command, InvalidArgumentError } from 'commander';
import type { Actions, ServeOptions } from './actions.js';
import { addDoctorCommand } from './commands/doctor-command.js';
import { addKeyCommands } from './commands/key-commands.js';
import { snapshotCommands } from './commands/snapshot-commands.js';
import { addCopyCommands } from './commands/transfer-commands.js';

/** The command line. */
export function programOf(version: string, actions: Actions): Command {
  const program = new Command('portkv')
    .description('A key-value server in which every project picks its own storage engine.')
    .version(version);
  program
    .command('serve')
    .description('Start the server; the first start writes a configuration and prints the keys')
    .option('--config <file>', 'configuration file', 'config.json')
    .option('--host <address>', 'address to listen on, instead of the configured one')
    .option('--port <number>', 'port to listen on, 0 for a free one, instead of the configured one', portOf)
    .option('--data <folder>', 'data folder, instead of the configured one')
    .option('--log-level <level>', 'error, warn, info, debug or trace, instead of the configured one', levelOf)
    .action((options: ServeOptions) => actions.serve(options));
  addCopyCommands(program, actions);
  program.addCommand(snapshotCommands(actions));
  addDoctorCommand(program, actions);
  addKeyCommands(program, actions);
  return program;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65535) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}

function levelOf(text: string): string {
  const levels = ['error', 'warn', 'info', 'debug', 'trace'];
  if (levels.includes(text)) return text;
  throw new InvalidArgumentError(`a level is one of ${levels.join(', ')}`);
}
