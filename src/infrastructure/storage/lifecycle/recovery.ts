import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../domain/errors.js';
import type { OpenKeyspace } from './open-keyspace.js';

/** How long a store that failed may take to close before the process gives up on it, in ms. */
const CLOSE = 10_000;
/** How soon it is opened again for the first time, and after how long at the latest each time that fails, in ms. */
const SOON = 100;
const LATEST = 2_000;

/** Who wants a store opened again. */
export interface RecoveryCallbacks {
  /** Whether nobody needs it any more. */
  isCancelled(): boolean;
  /** Told each time why it did not open. */
  failed(reason: string): void;
  opened(): void;
  abortProcess(reason: string): void;
}

/** Closes a store that failed and opens it again from what the disk holds, before anything else is committed. */
export async function reopenAfterFailure(open: OpenKeyspace, reopening: RecoveryCallbacks): Promise<void> {
  const { swappable } = open.keyspace;
  await swappable.quiesce(async () => {
    const closed = Promise.resolve(swappable.close()).then(
      () => true,
      (error: unknown) => !(error instanceof AppError && error.details?.hangs === true),
    );
    if (!(await Promise.race([closed, sleep(CLOSE)]))) {
      reopening.abortProcess(`the store of project '${open.storage.project}' hangs`);
    }
    for (let wait = SOON; ; wait = Math.min(2 * wait, LATEST)) {
      try {
        if (reopening.isCancelled()) return;
        await open.reopen();
        reopening.opened();
        return;
      } catch (error) {
        reopening.failed((error as Error).message);
        await sleep(wait);
      }
    }
  });
}
