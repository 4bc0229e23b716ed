import type { Awaitable } from '../../../application/awaitable.js';
import type { Arguments, Session } from '../../redis-commands/command.js';
import type { WatchedKeys } from '../../redis-commands/redis-commands.js';
import type { Reply } from '../../redis-commands/reply.js';

/** A command between `MULTI` and `EXEC`. */
export interface QueuedCommand {
  readonly args: Arguments;
  /** Runs the command if it is about the connection or the server; undefined if it is about entries. */
  readonly run: ((session: Session | undefined) => Awaitable<Reply | undefined>) | undefined;
}

/** What a client has said between `WATCH`, `MULTI` and `EXEC`. */
export class TransactionState {
  /** The commands after `MULTI`; undefined before it. */
  queue: QueuedCommand[] | undefined;
  /** How much memory the queue takes, about. */
  bytes = 0;
  /** Whether a command could not be queued, so that `EXEC` fails. */
  isBroken = false;
  /** The versions of the keys that `WATCH` named. */
  watched: WatchedKeys = new Map();

  /** After `MULTI`: a command could not be queued. */
  break(): void {
    this.isBroken = this.queue !== undefined;
  }

  /** Forgets everything, as `EXEC` and `DISCARD` do. */
  reset(): void {
    this.queue = undefined;
    this.bytes = 0;
    this.isBroken = false;
    this.watched = new Map();
  }
}
