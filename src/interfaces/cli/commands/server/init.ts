import { Command } from 'commander';
import type { Actions, InitOptions } from '../../actions.js';
import { configOption } from '../../options/config-option.js';
import { parseText } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv init`. */
export function initCommand(actions: Actions): Command {
  return new Command('init')
    .description('Write a first configuration and print its keys, only this once')
    .addOption(configOption())
    .option('--data <folder>', 'data folder, instead of storage_data beside the configuration', parseText)
    .option('--adopt', 'take over a data folder that has data or belongs to another configuration')
    .addOption(jsonOption())
    .action((options: InitOptions) => actions.init(options));
}
