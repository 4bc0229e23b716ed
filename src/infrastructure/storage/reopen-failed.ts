import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.js';
import type { OpenProject } from './open-project.js';

/** How long a store that failed may take to close before the process gives up on it, in ms. */
const CLOSE = 10_000;
/** How soon it is opened again for the first time, and after how long at the latest each time that fails, in ms. */
const SOON = 100;
const LATEST = 2_000;

/** Who wants a store opened again. */
export interface Reopening {
  /** Whether nobody needs it any more. */
  unwanted(): boolean;
  /** Told each time why it did not open. */
  failed(reason: string): void;
  opened(): void;
  giveUp(reason: string): void;
}

/** Closes a store that failed and opens it again from what the disk holds, before anything else is committed. */
export async function reopenFailed(open: OpenProject, reopening: Reopening): Promise<void> {
  const { live } = open.keyspace;
  await live.still(async () => {
    const closed = Promise.resolve(live.close()).then(
      () => true,
      (error: unknown) => !(error instanceof AppError && error.details?.hangs === true),
    );
    if (!(await Promise.race([closed, sleep(CLOSE)]))) {
      reopening.giveUp(`the store of project '${open.placed.project}' hangs`);
    }
    for (let wait = SOON; ; wait = Math.min(2 * wait, LATEST)) {
      try {
        if (reopening.unwanted()) return;
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
