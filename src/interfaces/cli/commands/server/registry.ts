import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { configOption } from '../../options/config-option.js';
import { parseText } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv registry`. */
export function registryCommand(actions: Actions): Command {
  const of = (name: string, description: string, argument: string, meaning: string) =>
    new Command(name)
      .description(description)
      .argument(argument, meaning, parseText)
      .addOption(configOption())
      .addOption(jsonOption());
  return new Command('registry')
    .description('Take projects, keys and settings into the registry that several servers share, or out of it')
    .addCommand(
      of(
        'import',
        'Fill the empty registry that the configuration names',
        '<file>',
        'configuration of a stopped server',
      ).action((file, options) => actions.importRegistry(file, options)),
    )
    .addCommand(
      of('set', 'Change a setting of all servers', '<setting>', 'its path, such as system.rate_limits.shared')
        .argument('<value>', 'as JSON; null removes it', parseText)
        .action((name, value, options) => actions.setInRegistry(name, value, options)),
    )
    .addCommand(
      of('export', 'Write a configuration with what is in the registry', '<file>', 'new file').action((file, options) =>
        actions.exportRegistry(file, options),
      ),
    );
}
