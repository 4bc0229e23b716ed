import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { configOption } from '../../options/config-option.js';
import { parseText } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv registry`. */
export function registryCommand(actions: Actions): Command {
  const of = (name: string, description: string, file: string) =>
    new Command(name)
      .description(description)
      .argument('<file>', file, parseText)
      .addOption(configOption())
      .addOption(jsonOption());
  return new Command('registry')
    .description('Take projects, keys and settings into the registry that several servers share, or out of it')
    .addCommand(
      of('import', 'Fill the empty registry that the configuration names', 'configuration of a stopped server').action(
        (file, options) => actions.importRegistry(file, options),
      ),
    )
    .addCommand(
      of('export', 'Write a configuration with what is in the registry', 'new file').action((file, options) =>
        actions.exportRegistry(file, options),
      ),
    );
}
