import { AppError } from '../../domain/errors.js';
import type { OpenKeyspace } from './open-keyspace.js';
import { sleep } from './timers.js';

/** How long a store that failed may take to close before the process is aborted, in ms. */
const CLOSE_TIMEOUT = 10_000;
/** The first delay before it is opened again, and the longest of those that follow, each twice the one before, in ms. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 2_000;

/** Callbacks of a recovery. */
export interface RecoveryCallbacks {
  /** Whether the project is not needed any more. */
  isCancelled(): boolean;
  /** Called each time it did not open. */
  failed(reason: string): void;
  opened(): void;
  abortProcess(reason: string): void;
}

/** Closes a store that failed and opens it again from what is durable, before anything else is committed. */
export async function reopenAfterFailure(open: OpenKeyspace, callbacks: RecoveryCallbacks): Promise<void> {
  const { swappable } = open.keyspace;
  await swappable.quiesce(async () => {
    const closed = Promise.resolve(swappable.close()).then(
      () => true,
      (error: unknown) => !(error instanceof AppError && error.details?.hangs === true),
    );
    if (!(await Promise.race([closed, sleep(CLOSE_TIMEOUT)]))) {
      callbacks.abortProcess(`the store of project '${open.storage.project}' hangs`);
    }
    for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
      try {
        if (callbacks.isCancelled()) return;
        await open.reopen();
        callbacks.opened();
        return;
      } catch (error) {
        callbacks.failed((error as Error).message);
        await sleep(delay);
      }
    }
  });
}
