import { Command, Option } from 'commander';
import type { Actions } from '../../actions.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseEntryKey, parseName, parseProject } from '../../options/option-values.js';
import { importFile } from '../../transfer/import-file.js';

/** `portkv import`. */
export function importCommand(actions: Actions): Command {
  return withTargetOptions(new Command('import'))
    .argument('<project>', undefined, parseProject)
    .argument('<file>', undefined, parseName)
    .description('Import an export or a snapshot file; - is standard input')
    .addOption(
      new Option('--mode <mode>', 'what happens to other entries: merge (they stay) or replace (they are removed)')
        .choices(['merge', 'replace'])
        .default('merge'),
    )
    .option('--dry-run', 'only check and count')
    .option('--after <key>', 'only entries after this key, to continue an import that was interrupted', parseEntryKey)
    .action((project, file, { mode, dryRun, after, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, (client) =>
        importFile(client, project, file, { mode, dryRun, after }),
      ),
    );
}
