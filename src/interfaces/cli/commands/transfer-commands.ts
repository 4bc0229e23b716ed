import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Actions } from '../actions.js';
import { targeted } from '../target.js';
import { exportFile } from '../transfer/export-file.js';
import { importFile } from '../transfer/import-file.js';
import { migrate } from './migrate.js';

/** `portkv migrate`, `export` and `import`. */
export function addCopyCommands(program: Command, actions: Actions): void {
  targeted(program.command('migrate <project>'), "Change a project's engine, with its data, while it is in use")
    .requiredOption('--to <engine>', 'the engine')
    .option('--options <json>', 'options of the engine, as JSON', objectOf)
    .action((project, { to, options, ...target }) =>
      actions.withClient(target, (client) => migrate(client, project, to, options)),
    );
  targeted(
    program.command('export <project> [file]'),
    'Write all entries, as of one moment, to a file or standard output',
  )
    .option('--resume', 'go on with what an export to that file left when it broke off')
    .action((project, file, { resume, ...target }) =>
      actions.withClient(target, (client) => exportFile(client, project, file, { resume })),
    );
  targeted(program.command('import <project> <file>'), 'Take an export or a snapshot file back; - is standard input')
    .addOption(
      new Option('--mode <mode>', 'what becomes of other entries: merge (they stay) or replace (they go)')
        .choices(['merge', 'replace'])
        .default('merge'),
    )
    .option('--dry-run', 'only check and count')
    .option('--after <key>', 'only entries behind this key, to go on where an import broke off')
    .action((project, file, { mode, dryRun, after, ...target }) =>
      actions.withClient(target, (client) => importFile(client, project, file, { mode, dryRun, after })),
    );
}

function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through: what is no JSON is no object either.
  }
  throw new InvalidArgumentError('options are a JSON object');
}
