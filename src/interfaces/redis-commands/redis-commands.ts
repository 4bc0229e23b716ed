import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Awaitable } from '../../application/awaitable.js';
import type { InteractiveTransaction } from '../../application/entries/interactive-transaction.js';
import { ListEntries } from '../../application/entries/list-entries.js';
import { RemoveEntries } from '../../application/entries/remove-entries.js';
import { type EntriesUpdate, UpdateEntries } from '../../application/entries/update-entries.js';
import { Redaction } from '../../application/inbound/redaction.js';
import { AppError } from '../../domain/errors.js';
import { MAX_READ_BYTES } from '../../domain/limits.js';
import { argument, keyOf } from './arguments.js';
import {
  type Arguments,
  type Command,
  type EntryCommand,
  firstKey,
  isWrite,
  type KeyspaceServices,
  type Session,
} from './command.js';
import { connectionCommands } from './commands/connection.js';
import { counterCommands } from './commands/counters.js';
import { expiryCommands } from './commands/expiry.js';
import { hashCommands } from './commands/hashes.js';
import { introspectionCommands } from './commands/introspection.js';
import { keyCommands } from './commands/keys.js';
import { keyspaceCommands } from './commands/keyspace.js';
import { setCommands } from './commands/sets.js';
import { stringCommands } from './commands/strings.js';
import { substringCommands } from './commands/substrings.js';
import { errorReply, RedisError } from './redis-error.js';
import { array, NULL_ARRAY, type Reply, replyBytes } from './reply.js';
import { ScanCursors } from './scan-cursors.js';
import { requireArguments } from './subcommands.js';

/** All commands, by name. */
export const commandTable: ReadonlyMap<string, Command> = new Map(
  [
    ...stringCommands,
    ...hashCommands,
    ...setCommands,
    ...substringCommands,
    ...counterCommands,
    ...keyCommands,
    ...expiryCommands,
    ...keyspaceCommands,
    ...introspectionCommands,
    ...connectionCommands,
  ].map((command) => [command.name, command]),
);

/** The versions of keys; undefined for those without an entry. */
export type WatchedKeys = ReadonlyMap<string, number | undefined>;

/** A command as it was sent; `known` is the command that it names, if that was looked up. */
export interface SentCommand {
  readonly args: Arguments;
  readonly known?: Command | undefined;
}

/** A command that can run, alone or as a part of a transaction. */
class RunnableCommand implements EntriesUpdate<Reply> {
  readonly keys: readonly string[];
  readonly readsOnly: boolean;

  constructor(
    private readonly command: EntryCommand,
    private readonly args: Arguments,
  ) {
    this.keys = command.keys === firstKey ? [keyOf(argument(args, 1))] : command.keys(args).map(keyOf);
    this.readsOnly = !isWrite(command);
  }

  run(transaction: InteractiveTransaction): Reply {
    return this.command.run(transaction, this.args, this.keys);
  }
}

/** The commands of the Redis protocol, on the entries of a project; the same for every transport. */
@scoped(Lifecycle.ContainerScoped)
export class RedisCommands {
  readonly #services: KeyspaceServices;

  constructor(
    @inject(UpdateEntries) private readonly updateEntries: UpdateEntries,
    @inject(ListEntries) listEntries: ListEntries,
    @inject(RemoveEntries) removeEntries: RemoveEntries,
    @inject(Redaction) private readonly redaction: Redaction,
  ) {
    this.#services = { listEntries, removeEntries, cursors: new ScanCursors() };
  }

  /**
   * Runs one command at one moment; `known` is the command that it names, if that was looked up. An error that the
   * command can return is its reply; rejects if there is a bug.
   */
  execute(session: Session, args: Arguments, known?: Command): Awaitable<Reply> {
    try {
      const command = requireCommand(args, known);
      const reply =
        'run' in command
          ? this.updateEntries.execute(session.caller, session.project, new RunnableCommand(command, args))
          : command.execute(this.#services, session, args);
      return reply instanceof Promise ? reply.catch((error: unknown) => this.#failed(session, error)) : reply;
    } catch (error) {
      return this.#failed(session, error);
    }
  }

  /**
   * Runs commands in their order at one moment, as `MULTI` and `EXEC` do: the reply is an array of theirs. One that
   * fails changes nothing, and the others run. If one is no command or not allowed, or the whole cannot be stored,
   * nothing is changed, and the reply is the error `EXECABORT`.
   */
  executeTransaction(
    session: Session,
    commands: readonly Arguments[],
    watched: WatchedKeys = new Map(),
  ): Awaitable<Reply> {
    const failed = (error: unknown) => aborted(this.redaction.errorFor(error, session.caller));
    try {
      const queue = commands.map((args) => new RunnableCommand(requireQueueable(args), args));
      const keys = [...watched.keys()];
      const replies = this.#update(session, queue, keys, (transaction) =>
        keys.every((key) => transaction.head(key)?.version === watched.get(key))
          ? array(queue.map((one) => runPart(transaction, one)))
          : NULL_ARRAY,
      );
      return replies instanceof Promise ? replies.catch(failed) : replies;
    } catch (error) {
      return failed(error);
    }
  }

  /** The versions of keys now, for a transaction that is to run only if they are still the same. */
  watch(session: Session, names: Arguments): Awaitable<WatchedKeys> {
    const keys = names.map(keyOf);
    return this.#update(
      session,
      [],
      keys,
      (transaction) => new Map(keys.map((key) => [key, transaction.head(key)?.version])),
    );
  }

  /**
   * Runs commands that a client sent together, in their order, with one commit if that is possible, and else one by
   * one. Returns their replies by position.
   */
  async executePipeline(session: Session, commands: readonly SentCommand[]): Promise<readonly Reply[]> {
    try {
      const queue = commands.map(({ args, known }) => new RunnableCommand(requireQueueable(args, known), args));
      return await this.#update(session, queue, [], (transaction) =>
        queue.map((one) => runPart(transaction, one, isTooMuchTogether)),
      );
    } catch (error) {
      if (error instanceof AppError && error.code === 'outcome_unknown') {
        return commands.map(() => this.#failed(session, error));
      }
      return this.#runEach(session, commands);
    }
  }

  /** One after another, up to a total of bytes in their replies. */
  async #runEach(session: Session, commands: readonly SentCommand[]): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    let bytes = 0;
    for (const { args, known } of commands) {
      const reply = bytes > MAX_READ_BYTES ? TOO_MUCH : await this.execute(session, args, known);
      bytes += replyBytes(reply);
      replies.push(reply);
    }
    return replies;
  }

  #failed({ caller }: Session, error: unknown): Reply {
    return errorReply(this.redaction.errorFor(error, caller));
  }

  #update<T>(
    { caller, project }: Session,
    queue: readonly RunnableCommand[],
    watched: readonly string[],
    run: (transaction: InteractiveTransaction) => T,
  ): Awaitable<T> {
    const keys = [...queue.flatMap((one) => one.keys), ...watched];
    const readsOnly = queue.every((one) => one.readsOnly);
    return this.updateEntries.execute(caller, project, { keys, readsOnly, run });
  }
}

/** The command that the first argument names. */
export function findCommand([name]: Arguments): Command | undefined {
  return commandTable.get(name?.toString('latin1').toLowerCase() ?? '');
}

/** The same. Throws if there is no such one, or the number of arguments is wrong. */
export function requireCommand(args: Arguments, command = findCommand(args)): Command {
  if (command === undefined) {
    throw new RedisError(`unknown command '${args[0]?.toString('latin1', 0, 128) ?? ''}', ${beginningOf(args)}`);
  }
  requireArguments(command, args);
  return command;
}

/** The first arguments of a command that is not known. */
function beginningOf(args: Arguments): string {
  let text = '';
  for (const bytes of args.slice(1)) {
    if (text.length >= 128) break;
    text += `'${bytes.toString('utf8', 0, 128 - text.length)}' `;
  }
  return `with args beginning with: ${text}`.replaceAll(/[\r\n]/g, ' ');
}

/** The command, if it can be a part of a transaction; throws if not. */
export function requireQueueable(args: Arguments, known?: Command): EntryCommand {
  const command = requireCommand(args, known);
  if ('run' in command) return command;
  throw new RedisError(`'${command.name}' reads or changes all keys, which is not possible inside a transaction`);
}

/**
 * The reply of a command of a transaction: an error undoes what this command did. Throws if the caller may not do it,
 * which ends the whole, as in Redis.
 */
function runPart(
  transaction: InteractiveTransaction,
  command: RunnableCommand,
  endsAll: (error: AppError) => boolean = () => false,
): Reply {
  try {
    return transaction.attempt(() => command.run(transaction));
  } catch (error) {
    if (error instanceof AppError && (error.code === 'insufficient_scope' || endsAll(error))) throw error;
    return errorReply(error);
  }
}

/** The reply of a transaction of which nothing was done; if that is not known, it is the error itself. */
function aborted(error: unknown): Reply {
  const reply = errorReply(error);
  if (reply.cause?.code === 'outcome_unknown') return reply;
  const { code, message, cause } = reply;
  return {
    type: 'error',
    code: 'EXECABORT',
    message: `Transaction discarded because of: ${code} ${message}`,
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Values that can be read one after another, but not together. */
const isTooMuchTogether = ({ code }: AppError): boolean => code === 'too_large';

const TOO_MUCH: Reply = {
  type: 'error',
  code: 'ERR',
  message: `the replies to commands that were sent together have more than ${MAX_READ_BYTES} bytes; nothing was done`,
};
