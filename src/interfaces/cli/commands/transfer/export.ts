import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseName, parseProject } from '../../options/option-values.js';
import { exportFile } from '../../transfer/export-file.js';

/** `portkv export`. */
export function exportCommand(actions: Actions): Command {
  return withTargetOptions(new Command('export'))
    .argument('<project>', undefined, parseProject)
    .argument('[file]', undefined, parseName)
    .description('Write all entries, as of one moment, to a file or standard output')
    .option('--resume', 'continue an export to that file that was interrupted')
    .action((project, file, { resume, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, (client) => exportFile(client, project, file, { resume })),
    );
}
