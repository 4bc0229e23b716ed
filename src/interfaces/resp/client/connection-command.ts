import type { Awaitable } from '../../../application/awaitable.js';
import type { Arguments, Session, Subcommands } from '../../redis-commands/command.js';
import type { Reply } from '../../redis-commands/reply.js';
import type { Client } from './client.js';

/** A command about the connection or the server. */
export interface ConnectionCommand {
  /** In lower case. */
  readonly name: string;
  /** How many words it has, its name included; at least as many if it is negative. */
  readonly arity: number;
  /** Those that the second word can name, if the command has any. */
  readonly subcommands?: Subcommands;
  /** Whether it needs no authentication: it has no session then. */
  readonly open?: true;
  /** Whether a client that is subscribed may send it in version 2 of the protocol. */
  readonly whileSubscribed?: true;
  /** What it does after `MULTI`: runs at once, or waits for `EXEC`. If that is not said, it is not possible there. */
  readonly withinMulti?: 'runs' | 'waits';
  /** Returns undefined if it has written its replies itself. */
  execute(client: Client, args: Arguments, session: Session | undefined): Awaitable<Reply | undefined>;
}
