import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseName } from '../../options/option-values.js';
import { jsonOption } from '../api-command.js';

/** `portkv snapshot verify`. */
export function verifyCommand(actions: Actions): Command {
  return new Command('verify')
    .argument('<file>', undefined, parseName)
    .description('Check that a snapshot or export file is complete and undamaged; needs no server')
    .addOption(jsonOption())
    .action((file, options) => actions.verify(file, options));
}
