import type { Command } from 'commander';
import { programOf } from '../../src/interfaces/cli/program.js';

/** Arguments with which each command that calls a server is complete; FILE is an export. */
export const CALLS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  console: ['--no-open'],
  audit: [],
  nodes: [],
  get: ['p', 'k'],
  put: ['p', 'k', 'v'],
  delete: ['p', 'k'],
  list: ['p'],
  count: ['p'],
  incr: ['p', 'k'],
  append: ['p', 'k', 'v'],
  touch: ['p', 'k', '1h'],
  watch: ['p'],
  clear: ['p', '--yes'],
  'projects list': [],
  'projects create': ['p'],
  'projects show': ['p'],
  'projects update': ['p', '{}'],
  'projects delete': ['p', '--yes'],
  migrate: ['p', '--to', 'memory'],
  'encryption rotate': ['p'],
  export: ['p'],
  import: ['p', 'FILE', '--mode', 'replace'],
  'snapshot create': ['p'],
  'snapshot list': ['p'],
  'snapshot restore': ['p', 's'],
  'snapshot delete': ['p', 's'],
  'keys list': ['p'],
  'keys create': ['p'],
  'keys rotate': ['p', 'i'],
  'keys revoke': ['p', 'i'],
  share: ['p'],
  whoami: [],
};

/** Commands that are not for one server that options name. */
export const OTHERS = [
  'serve',
  'init',
  'health',
  'doctor',
  'registry import',
  'registry export',
  'registry set',
  'snapshot verify',
  'login',
  'logout',
  'completion',
  'man',
  'help',
];

/** Every command that has no subcommands, by its name. */
export function everyCommand(): ReadonlyMap<string, Command> {
  return new Map(leavesOf(programOf('test', {} as never), ''));
}

function* leavesOf(command: Command, path: string): Generator<[string, Command]> {
  if (command.commands.length === 0) yield [path, command];
  for (const inner of command.commands) yield* leavesOf(inner, `${path} ${inner.name()}`.trim());
}
