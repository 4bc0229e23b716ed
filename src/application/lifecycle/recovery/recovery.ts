import { AppError } from '../../../domain/errors.js';
import type { OpenKeyspace } from '../open-keyspace.js';
import { sleep } from '../timers.js';

/** How long a failed store may take to close before the process is aborted, in ms. */
const CLOSE_TIMEOUT = 10_000;
/** The delay before a failed opening is repeated, in ms: it starts with the first and doubles up to the longest. */
const FIRST_DELAY = 100;
const MAX_DELAY = 2_000;

/** Callbacks of a recovery. */
export interface RecoveryCallbacks {
  /** Whether the project is not needed any more. */
  isCancelled(): boolean;
  /** Called after each failed attempt to open. */
  failed(reason: string): void;
  opened(): void;
  abortProcess(reason: string): void;
}

/** Closes a failed store and opens it again from what is durable, before anything else is committed. */
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
    for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, MAX_DELAY)) {
      try {
        if (callbacks.isCancelled()) return;
        await open.reopen(() => callbacks.opened());
        return;
      } catch (error) {
        callbacks.failed((error as Error).message);
        await sleep(delay);
      }
    }
  });
}
