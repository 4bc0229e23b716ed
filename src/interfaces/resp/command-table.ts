import { rules } from '../../application/access/access-rules.js';
import type { Operation } from '../../application/inbound/call.js';
import { type Arguments, type Command, isWrite } from '../redis-commands/command.js';
import { commandTable } from '../redis-commands/redis-commands.js';
import type { ConnectionCommand } from './client/connection-command.js';
import { connectionCommands } from './commands/connection-commands.js';
import { WordTable } from './protocol/word-table.js';

/** A command with its name in metrics and audit records. The use case decides what each may touch. */
export type KnownCommand =
  | { readonly kind: 'entries'; readonly command: Command; readonly operation: Operation }
  | { readonly kind: 'connection'; readonly command: ConnectionCommand; readonly operation: Operation };

/** A command as a client sent it; `known` is undefined if there is no such command. */
export interface Request {
  readonly args: Arguments;
  readonly known: KnownCommand | undefined;
}

const table = new Map<string, KnownCommand>();
for (const command of commandTable.values()) {
  add({ kind: 'entries', command, operation: operationOf(command.name, isWrite(command)) });
}
for (const command of connectionCommands) {
  add({ kind: 'connection', command, operation: operationOf(command.name, false) });
}

/** In the two spellings that clients use most. */
const byWord = new Map<Buffer, KnownCommand>();
for (const [name, known] of table) {
  byWord.set(Buffer.from(name), known);
  byWord.set(Buffer.from(name.toUpperCase()), known);
}

/** The names of commands, as words from which `requestOf` knows them at once. */
export const commandNames = new WordTable(byWord.keys());

/** Finds the command that the first word names. */
export function requestOf(args: Arguments): Request {
  const name = args[0] as Buffer;
  return { args, known: byWord.get(name) ?? table.get(name.toString('latin1').toLowerCase()) };
}

function add(known: KnownCommand): void {
  table.set(known.command.name, known);
}

function operationOf(id: string, changes: boolean): Operation {
  return { id, access: rules.transaction, changes };
}
