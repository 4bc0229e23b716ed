import { Command } from 'commander';
import type { Actions } from './actions.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { keysCommand } from './commands/keys.js';
import { migrateCommand } from './commands/migrate.js';
import { serveCommand } from './commands/serve.js';
import { shareCommand } from './commands/share.js';
import { snapshotCommand } from './commands/snapshot.js';

/** The command line, with its commands in the order of the help text. */
export function programOf(version: string, actions: Actions): Command {
  return new Command('portkv')
    .description('A key-value server in which every project picks its own storage engine.')
    .version(version)
    .addCommand(serveCommand(actions))
    .addCommand(initCommand(actions))
    .addCommand(migrateCommand(actions))
    .addCommand(exportCommand(actions))
    .addCommand(importCommand(actions))
    .addCommand(snapshotCommand(actions))
    .addCommand(doctorCommand(actions))
    .addCommand(shareCommand(actions))
    .addCommand(keysCommand(actions));
}
