import { type Command, Option } from 'commander';
import type { Actions } from '../../actions.js';
import { parseEntryKey, parseName, parseProject } from '../../options/option-values.js';
import { printResult } from '../../output/print-result.js';
import { FORMAT_NAMES } from '../../transfer/formats/format.js';
import { apiCommand } from '../api-command.js';

/** `portkv import`. */
export function importCommand(actions: Actions): Command {
  return apiCommand('import')
    .argument('<project>', undefined, parseProject)
    .argument('<file>', undefined, parseName)
    .description('Import an export, a snapshot file, or a file of another program; - is standard input')
    .addOption(
      new Option('--mode <mode>', 'what happens to other entries: merge (they stay) or replace (they are removed)')
        .choices(['merge', 'replace'])
        .default('merge'),
    )
    .addOption(
      new Option('--format <format>', 'format of the file, if its name and content do not show it').choices(
        FORMAT_NAMES,
      ),
    )
    .option('--no-verify', "accept a file in PortKV's own format without its header or trailer, or changed by hand")
    .option('--dry-run', 'only check and count')
    .option('--after <key>', 'only entries after this key, to continue an import that was interrupted', parseEntryKey)
    .action((project, file, { json, mode, dryRun, after, format, verify, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const { importFile } = await import('../../transfer/import-file.js');
        printResult(json, await importFile(client, project, file, { mode, dryRun, after, format, verify }), []);
      }),
    );
}
