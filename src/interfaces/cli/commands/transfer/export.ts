import { Command, Option } from 'commander';
import type { Actions } from '../../actions.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseName, parseProject } from '../../options/option-values.js';
import { EXPORT_FORMATS } from '../../transfer/formats/format.js';

/** `portkv export`. */
export function exportCommand(actions: Actions): Command {
  return withTargetOptions(new Command('export'))
    .argument('<project>', undefined, parseProject)
    .argument('[file]', undefined, parseName)
    .description('Write all entries, as of one moment, to a file or standard output')
    .addOption(
      new Option('--format <format>', "format of the file; ndjson is PortKV's own")
        .choices(EXPORT_FORMATS)
        .default('ndjson'),
    )
    .option('--resume', 'continue an export to that file that was interrupted')
    .action((project, file, { format, resume, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const { exportFile } = await import('../../transfer/export-file.js');
        await exportFile(client, project, file, { format, resume });
      }),
    );
}
