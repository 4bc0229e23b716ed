import { AppError } from '../../domain/errors.js';

/** How many refusals a write answers by trying again at once: most are over with the next attempt. */
const WITHOUT_PAUSE = 3;
/** The longest pause after that, in ms; it doubles from the first up to the last. */
const FIRST_PAUSE = 2;
const MAX_PAUSE = 100;
/** After so many refusals, some five seconds, the client decides whether to go on. */
const MAX_REFUSALS = 100;

/**
 * What a write waits for after its commit was refused so often because another server or program was faster: undefined
 * to try again at once, else a random time, so that rivals do not meet again. Throws `unavailable` in the end.
 */
export function pauseAfter(refusals: number): Promise<void> | undefined {
  if (refusals <= WITHOUT_PAUSE) return undefined;
  if (refusals >= MAX_REFUSALS) {
    const message = 'Others change these entries all the time, and were faster each time: nothing was done, try again';
    throw new AppError('unavailable', message);
  }
  const longest = Math.min(FIRST_PAUSE * 2 ** (refusals - WITHOUT_PAUSE - 1), MAX_PAUSE);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}
