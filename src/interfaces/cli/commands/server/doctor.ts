import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { configOption } from '../../options/config-option.js';
import { parseProject, parseText } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv doctor`. */
export function doctorCommand(actions: Actions): Command {
  return new Command('doctor')
    .argument('[project]', undefined, parseProject)
    .description('Check the configuration and the data of a stopped server, of one project or of all')
    .addOption(configOption())
    .option('--data <folder>', 'data folder, instead of the configured one', parseText)
    .option(
      '--repair',
      'recover what can be read of a damaged json-file, directory or lmdb; the damaged files are kept',
    )
    .addOption(jsonOption())
    .action((project, options) => actions.doctor(project, options));
}
