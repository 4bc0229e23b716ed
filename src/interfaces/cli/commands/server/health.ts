import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { configOption } from '../../options/config-option.js';
import { parseServerUrl, parseText } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv health`. */
export function healthCommand(actions: Actions): Command {
  return new Command('health')
    .description('Ask whether the server of the data folder is alive; exits with 0 if it is')
    .addOption(configOption())
    .option('--data <folder>', 'data folder, instead of the configured one', parseText)
    .option('--url <address>', 'address of a server, instead of that of the data folder', parseServerUrl)
    .addOption(jsonOption())
    .action((options) => actions.health(options));
}
