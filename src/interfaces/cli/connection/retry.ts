import { AppError } from '../../../domain/errors.js';

/** How many failures in a row are retried; the next one is final. */
const MAX_RETRIES = 5;
/** How long to wait after the first failure, in ms; after the n-th in a row n times as long. */
const DELAY = 300;

/** Counts failures in a row and waits before each retry. */
export class RetryPolicy {
  #failures = 0;

  /** Call it after a success: the count starts again at 0. */
  reset(): void {
    this.#failures = 0;
  }

  /** Resolves when it is time to retry. Rejects with the error if it is no broken connection, or if it is final. */
  async wait(error: unknown): Promise<void> {
    const isConnectionError = !(error instanceof AppError) || error.code === 'unavailable';
    this.#failures += 1;
    if (!isConnectionError || this.#failures > MAX_RETRIES) throw error;
    await new Promise((resolve) => setTimeout(resolve, DELAY * this.#failures));
  }
}
