import { rules } from '../../application/access/access-rules.js';
import type { Operation } from '../../application/inbound/call.js';
import { type Arguments, type Command, isWrite } from '../redis-commands/command.js';
import { commandTable } from '../redis-commands/redis-commands.js';
import type { ConnectionCommand } from './client/connection-command.js';
import { connectionCommands } from './commands/connection-commands.js';

/** A command with its name in metrics and audit records. The use case decides what each may touch. */
export type KnownCommand =
  | { readonly kind: 'entries'; readonly command: Command; readonly operation: Operation }
  | { readonly kind: 'connection'; readonly command: ConnectionCommand; readonly operation: Operation };

/** A command as a client sent it; `known` is undefined if there is no such command. */
export interface Request {
  readonly args: Arguments;
  readonly known: KnownCommand | undefined;
}

/** Under the two spellings that clients use most, so that a lookup makes no other string. */
const table = new Map<string, KnownCommand>();
for (const command of commandTable.values()) {
  add({ kind: 'entries', command, operation: operationOf(command.name, isWrite(command)) });
}
for (const command of connectionCommands) {
  add({ kind: 'connection', command, operation: operationOf(command.name, false) });
}

/** Finds the command that the first word names. */
export function requestOf(args: Arguments): Request {
  const name = args[0]?.toString('latin1') ?? '';
  return { args, known: table.get(name) ?? table.get(name.toLowerCase()) };
}

function add(known: KnownCommand): void {
  table.set(known.command.name, known);
  table.set(known.command.name.toUpperCase(), known);
}

function operationOf(id: string, changes: boolean): Operation {
  return { id, access: rules.transaction, changes };
}
