import { AppError } from '../../domain/errors.js';

/** How often in a row something is tried again before it counts as failed, and how long to wait before, in ms. */
const TRIES = 5;
const WAIT = 300;

/** Counts what failed in a row, and waits before the next try. */
export class RetryPolicy {
  #failed = 0;

  /** Something went well. */
  reset(): void {
    this.#failed = 0;
  }

  /** Resolves when it is time for another try; rejects with the error where it is not a broken connection, or one too many. */
  async wait(error: unknown): Promise<void> {
    const broken = !(error instanceof AppError) || error.code === 'unavailable';
    this.#failed += 1;
    if (!broken || this.#failed > TRIES) throw error;
    await new Promise((resolve) => setTimeout(resolve, WAIT * this.#failed));
  }
}
