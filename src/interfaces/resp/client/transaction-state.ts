import type { Arguments } from '../../redis-commands/command.js';
import type { WatchedKeys } from '../../redis-commands/redis-commands.js';

/** What a client has said between `WATCH`, `MULTI` and `EXEC`. */
export class TransactionState {
  /** The commands after `MULTI`; undefined before it. */
  queue: Arguments[] | undefined;
  /** How much memory the queue takes, about. */
  bytes = 0;
  /** Whether a command could not be queued, so that `EXEC` fails. */
  isBroken = false;
  /** The versions of the keys that `WATCH` named. */
  watched: WatchedKeys = new Map();

  /** Forgets everything, as `EXEC` and `DISCARD` do. */
  reset(): void {
    this.queue = undefined;
    this.bytes = 0;
    this.isBroken = false;
    this.watched = new Map();
  }
}
