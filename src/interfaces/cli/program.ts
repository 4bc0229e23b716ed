import { Command } from 'commander';
import type { Actions } from './actions.js';
import { clearCommand } from './commands/data/clear.js';
import { shareCommand } from './commands/keys/share.js';
import { encryptionCommand } from './commands/projects/encryption.js';
import { migrateCommand } from './commands/projects/migrate.js';
import { doctorCommand } from './commands/server/doctor.js';
import { healthCommand } from './commands/server/health.js';
import { initCommand } from './commands/server/init.js';
import { serveCommand } from './commands/server/serve.js';
import { snapshotCommand } from './commands/snapshots/snapshot.js';
import { exportCommand } from './commands/transfer/export.js';
import { importCommand } from './commands/transfer/import.js';

/** The command line, with its commands in the order of the help text. */
export function programOf(version: string, actions: Actions): Command {
  const program = new Command('portkv')
    .description('A key-value server in which every project picks its own storage engine.')
    .version(version)
    .addCommand(serveCommand(actions))
    .addCommand(initCommand(actions))
    .addCommand(migrateCommand(actions))
    .addCommand(exportCommand(actions))
    .addCommand(importCommand(actions))
    .addCommand(snapshotCommand(actions))
    .addCommand(clearCommand(actions))
    .addCommand(doctorCommand(actions))
    .addCommand(healthCommand(actions))
    .addCommand(shareCommand(actions))
    .addCommand(encryptionCommand(actions));
  throwInsteadOfExit(program);
  return program;
}

/** Lets wrong options reject, so that the caller chooses the exit code, and be reported in one line. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(text.replace(/\n(?=.)/g, ' ')) });
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
