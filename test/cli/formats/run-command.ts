import { ApiClient } from '../../../src/interfaces/cli/connection/api-client.js';
import { exitCodeOf } from '../../../src/interfaces/cli/exit-codes.js';
import { programOf } from '../../../src/interfaces/cli/program.js';

/** What a command wrote to standard error, and its exit code. */
export interface CommandResult {
  readonly code: number;
  readonly errors: string;
}

/** Runs the command line in this process against a running server, much faster than a process of its own. */
export async function runCommand(url: string, key: string, args: readonly string[]): Promise<CommandResult> {
  const lines: string[] = [];
  const unused = () => Promise.reject(new Error('not for this test'));
  const program = programOf('test', {
    ...{ serve: unused, init: unused, verify: unused, doctor: unused, health: unused },
    withClient: (_, task) => task(new ApiClient({ url }, key)),
  });
  const print = console.error;
  console.error = (line: string) => lines.push(line);
  try {
    await program.parseAsync(['node', 'portkv', ...args]);
    return { code: 0, errors: lines.join('\n') };
  } catch (error) {
    return { code: exitCodeOf(error), errors: [...lines, `${(error as Error).message}\n`].join('\n') };
  } finally {
    console.error = print;
  }
}
