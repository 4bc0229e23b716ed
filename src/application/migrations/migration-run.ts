import type { Migration } from '../../domain/migration.js';
import type { MigrationTarget } from '../keyspace/staged-store.js';
import type { Clock } from '../ports/clock.js';
import type { EntryHash } from '../ports/digest.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import { type CopyOptions, copyAndActivate } from './copy-and-activate.js';

/** A migration with a record that outlives the process: the end is recorded in the same step as the switch. */
export class MigrationRun {
  #record: Migration;

  constructor(
    from: string,
    to: string,
    private readonly clock: Clock,
    private readonly hash: EntryHash,
  ) {
    const startedAt = clock.now();
    // Two of the same millisecond, or of a clock that was set back, must not share an id.
    const id = startedAt.toString(36) + Math.random().toString(36).slice(2, 6);
    this.#record = { id, from, to, startedAt, state: 'copying', copied: 0, total: 0 };
  }

  /** The current state. The end is reported after it was written. */
  get record(): Migration {
    return this.#record;
  }

  /** Rejects if the data stays where it is; then discard the target and call `failed`. */
  async run(source: SwappableStore, next: MigrationTarget, options: Omit<CopyOptions, 'onCopied'> = {}): Promise<void> {
    const activate = () => next.activate(this.#done());
    this.#record = { ...this.#record, total: (await source.size()).keys };
    const onCopied = (copied: number) => {
      this.#record = { ...this.#record, copied };
    };
    const copying = copyAndActivate(source, { ...next, activate }, this.hash, { ...options, onCopied });
    const { pause } = await copying.catch(async (error: unknown) => {
      throw await next.translateError(error);
    });
    const done = { ...this.#done(), pause: Math.round(pause * 10) / 10 };
    // If this fails, everything except the pause is written already.
    await next.recordMigration(done).catch(() => undefined);
    this.#record = done;
  }

  /** Records the failure. Call it after the target was discarded: a client that sees the record may try again. */
  async failed(target: Pick<MigrationTarget, 'recordMigration'>, { message, cause }: Error): Promise<void> {
    const error =
      cause instanceof Error && !message.includes(cause.message) ? `${message} (${cause.message})` : message;
    const failed = { ...this.#record, state: 'failed', finishedAt: this.clock.now(), error } as const;
    await target.recordMigration(failed).finally(() => {
      this.#record = failed;
    });
  }

  #done(): Migration {
    return { ...this.#record, state: 'done', finishedAt: this.clock.now() };
  }
}
