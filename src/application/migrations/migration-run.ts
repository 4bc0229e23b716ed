import type { Migration } from '../../domain/migration.js';
import type { MigrationTarget } from '../keyspace/staged-store.js';
import type { Clock } from '../ports/clock.js';
import type { EntryHash } from '../ports/digest.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import { type CopyOptions, copyAndActivate } from './copy-and-activate.js';

/** A move with a record that outlives the process: that of the switch is written with the switch itself. */
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

  /** How it stands now; at its end only once that is written. */
  get record(): Migration {
    return this.#record;
  }

  /** Rejects where the data stays where it is; then the target is still to be discarded, and `failed` to be called. */
  async run(source: SwappableStore, next: MigrationTarget, steps: Omit<CopyOptions, 'onCopied'> = {}): Promise<void> {
    const activate = () => next.activate(this.#done());
    this.#record = { ...this.#record, total: (await source.size()).keys };
    const onCopied = (copied: number) => {
      this.#record = { ...this.#record, copied };
    };
    const moving = copyAndActivate(source, { ...next, activate }, this.hash, { ...steps, onCopied });
    const { pause } = await moving.catch(async (error: unknown) => {
      throw await next.translateError(error);
    });
    const done = { ...this.#done(), pause: Math.round(pause * 10) / 10 };
    // Where this fails, all but the pause is written already.
    await next.recordMigration(done).catch(() => undefined);
    this.#record = done;
  }

  /** Says so once the target is discarded: from then on somebody may try again. */
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
