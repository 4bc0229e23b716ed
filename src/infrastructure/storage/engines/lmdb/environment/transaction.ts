import { setTimeout } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';

/**
 * Runs the writes of `body` as one transaction, and resolves when it is durable. If the system refuses a write of
 * pages, lmdb 3.5.6 formats a message of up to 126 bytes into a buffer of 100, which may end the process.
 */
export async function runTransaction(root: RootDatabase<Buffer, string>, body: () => void): Promise<void> {
  try {
    const committed = root.batch(body);
    handleTurnPromise(root);
    await committed;
  } catch (error) {
    throw await causeOf(error);
  }
}

/**
 * lmdb makes a second promise for each commit, for all writes of a turn, whose unhandled rejection would end the
 * process. It makes it in an immediate that is scheduled by now.
 */
function handleTurnPromise(root: RootDatabase<Buffer, string>): void {
  setImmediate(() => void root.committed.then(nothing, nothing));
}

function nothing(): void {}

/** The cause of a failed commit. lmdb passes it as a promise, whose unhandled rejection would end the process. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  const cause = commitError.then(
    () => error,
    (it: unknown) => it,
  );
  return Promise.race([cause, setTimeout(500, error, { ref: false })]);
}
