import { Command } from 'commander';
import type { Actions } from './actions.js';
import { loginCommand } from './commands/account/login.js';
import { logoutCommand } from './commands/account/logout.js';
import { whoamiCommand } from './commands/account/whoami.js';
import { appendCommand } from './commands/data/append.js';
import { clearCommand } from './commands/data/clear.js';
import { countCommand } from './commands/data/count.js';
import { deleteCommand } from './commands/data/delete.js';
import { getCommand } from './commands/data/get.js';
import { incrCommand } from './commands/data/incr.js';
import { listCommand } from './commands/data/list.js';
import { putCommand } from './commands/data/put.js';
import { touchCommand } from './commands/data/touch.js';
import { watchCommand } from './commands/data/watch.js';
import { keysCommand } from './commands/keys/keys.js';
import { shareCommand } from './commands/keys/share.js';
import { encryptionCommand } from './commands/projects/encryption.js';
import { migrateCommand } from './commands/projects/migrate.js';
import { projectsCommand } from './commands/projects/projects.js';
import { auditCommand } from './commands/server/audit.js';
import { completionCommand } from './commands/server/completion.js';
import { consoleCommand } from './commands/server/console.js';
import { doctorCommand } from './commands/server/doctor.js';
import { healthCommand } from './commands/server/health.js';
import { initCommand } from './commands/server/init.js';
import { nodesCommand } from './commands/server/nodes.js';
import { registryCommand } from './commands/server/registry.js';
import { serveCommand } from './commands/server/serve.js';
import { statusCommand } from './commands/server/status.js';
import { snapshotCommand } from './commands/snapshots/snapshot.js';
import { exportCommand } from './commands/transfer/export.js';
import { importCommand } from './commands/transfer/import.js';
import { exitMeanings } from './exit-codes.js';
import { oneLine } from './output/messages.js';

/** The command line. */
export function programOf(version: string, actions: Actions): Command {
  const program = new Command('portkv')
    .description('A key-value server in which every project picks its own storage engine.')
    .version(version)
    .addHelpText('after', `\nExit codes: ${exitText}.`);
  for (const [title, commands] of groupsOf(actions)) {
    program.commandsGroup(title);
    for (const command of commands) program.addCommand(command);
  }
  program.helpCommand(false).addCommand(helpCommand(program));
  configure(program);
  return program;
}

/** `portkv help`; commander's own shows all of the help for a command that does not exist. */
function helpCommand(program: Command): Command {
  return new Command('help')
    .description('Show the help of a command')
    .argument('[command...]', 'its name, such as "keys create"')
    .action((names: readonly string[]) => {
      let found = program;
      for (const name of names) {
        const inner = found.commands.find((one) => one.name() === name || one.aliases().includes(name));
        if (inner === undefined) program.error(`error: unknown command '${names.join(' ')}'`);
        found = inner as Command;
      }
      found.outputHelp();
    });
}

const exitText = Object.entries(exitMeanings)
  .map(([code, meaning]) => `${code} ${meaning}`)
  .join(', ');

/** All commands, in the order and under the titles of the help text. */
function groupsOf(actions: Actions): readonly (readonly [title: string, commands: readonly Command[]])[] {
  return [
    [
      'Server:',
      [
        serveCommand,
        initCommand,
        statusCommand,
        healthCommand,
        doctorCommand,
        nodesCommand,
        registryCommand,
        auditCommand,
        consoleCommand,
        completionCommand,
      ].map((of) => of(actions)),
    ],
    [
      'Entries:',
      [
        getCommand,
        putCommand,
        deleteCommand,
        listCommand,
        countCommand,
        incrCommand,
        appendCommand,
        touchCommand,
        watchCommand,
        clearCommand,
      ].map((of) => of(actions)),
    ],
    ['Projects:', [projectsCommand, migrateCommand, encryptionCommand].map((of) => of(actions))],
    ['Backups:', [exportCommand, importCommand, snapshotCommand].map((of) => of(actions))],
    ['Keys:', [keysCommand, shareCommand, whoamiCommand, loginCommand, logoutCommand].map((of) => of(actions))],
  ];
}

/**
 * Lets wrong options reject, so that the caller chooses the exit code, and be reported in one line. Descriptions are
 * wrapped on a narrow terminal, too.
 */
function configure(command: Command): void {
  command
    .exitOverride()
    .configureHelp({ minWidthToWrap: 16 })
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text.trimEnd().replace(/\n/g, ' '))}\n`) });
  for (const inner of command.commands) configure(inner);
}
