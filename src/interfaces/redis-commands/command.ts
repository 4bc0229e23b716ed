import type { Awaitable } from '../../application/awaitable.js';
import type { InteractiveTransaction } from '../../application/entries/interactive-transaction.js';
import type { ListEntries } from '../../application/entries/list-entries.js';
import type { RemoveEntries } from '../../application/entries/remove-entries.js';
import type { Identity } from '../../domain/api-key.js';
import type { Reply } from './reply.js';
import type { ScanCursors } from './scan-cursors.js';

/** The name of a command and its arguments. */
export type Arguments = readonly Buffer[];

/** Who sends commands, and to which project. */
export interface Session {
  readonly caller: Identity;
  readonly project: string;
}

/** As in Redis' own table of commands. */
export type CommandFlag = 'read' | 'write' | 'fast';

/** By their names in upper case; the arity counts the command, too. */
export type Subcommands<T = unknown> = Readonly<Record<string, T & { readonly arity: number }>>;

interface CommandDescription {
  /** In lower case. */
  readonly name: string;
  /** How many words it has, its name included; at least as many if it is negative. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Those that the second word can name, if the command has any. */
  readonly subcommands?: Subcommands;
}

/** A command on keys that it names. It can be a part of a transaction. */
export interface EntryCommand extends CommandDescription {
  /** Every key that it touches, as the arguments name it. */
  keys(args: Arguments): Arguments;
  /** Runs at one moment, and again if another write came first: it must not change anything else. */
  run(transaction: InteractiveTransaction, args: Arguments, keys: readonly string[]): Reply;
}

/** A command on all keys of the project. */
export interface KeyspaceCommand extends CommandDescription {
  execute(services: KeyspaceServices, session: Session, args: Arguments): Awaitable<Reply>;
}

export interface KeyspaceServices {
  readonly listEntries: ListEntries;
  readonly removeEntries: RemoveEntries;
  readonly cursors: ScanCursors;
}

export type Command = EntryCommand | KeyspaceCommand;

/** Whether it may change entries. */
export const isWrite = ({ flags }: Pick<Command, 'flags'>): boolean => flags.includes('write');
/** The first argument is the only key. */
export const firstKey = (args: Arguments): Arguments => args.slice(1, 2);
/** All arguments are keys. */
export const allKeys = (args: Arguments): Arguments => args.slice(1);
/** Keys and values alternate. */
export const everySecond = (args: Arguments): Arguments => args.filter((_, i) => i % 2 === 1);
export const noKeys = (): Arguments => [];
