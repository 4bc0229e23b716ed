import { Command } from 'commander';
import type { Actions } from './actions.js';
import { clearCommand } from './commands/clear.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { healthCommand } from './commands/health.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { keysCommand } from './commands/keys.js';
import { migrateCommand } from './commands/migrate.js';
import { serveCommand } from './commands/serve.js';
import { shareCommand } from './commands/share.js';
import { snapshotCommand } from './commands/snapshot.js';

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
    .addCommand(keysCommand(actions));
  throwInsteadOfExit(program);
  return program;
}

/** Lets wrong options reject, so that the caller chooses the exit code. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
