import { type Command, Option } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import type { Actions } from '../../actions.js';
import { parseName, parseProject } from '../../options/option-values.js';
import { printResult } from '../../output/print-result.js';
import { EXPORT_FORMATS } from '../../transfer/formats/format.js';
import { apiCommand } from '../api-command.js';

/** `portkv export`. */
export function exportCommand(actions: Actions): Command {
  return apiCommand('export')
    .argument('<project>', undefined, parseProject)
    .argument('[file]', undefined, parseName)
    .description('Write all entries, as of one moment, to a file or standard output')
    .addOption(
      new Option('--format <format>', "format of the file; ndjson is PortKV's own")
        .choices(EXPORT_FORMATS)
        .default('ndjson'),
    )
    .option('--resume', 'continue an export to that file that was interrupted')
    .action((project, file, { json, format, resume, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const { exportFile } = await import('../../transfer/export-file.js');
        if (json && file === undefined)
          throw new AppError('invalid', '--json needs a file: without one, standard output is the export');
        const result = await exportFile(client, project, file, { format, resume });
        printResult(json, { file, format, ...result }, []);
      }),
    );
}
