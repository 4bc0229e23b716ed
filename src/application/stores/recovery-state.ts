import { AppError, CommitRefusedError, CommitTooLargeError } from '../../domain/errors.js';

const REFUSALS: readonly unknown[] = ['insufficient_storage', 'forbidden', 'not_found'];

/** Whether a commit was refused or undone: its outcome is known, nothing happened. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof CommitRefusedError || error instanceof CommitTooLargeError) return true;
  return error instanceof AppError && REFUSALS.includes(error.code);
}

/** How long a commit waits for a failed store, in ms. */
const WAIT_TIMEOUT = 3_000;

/** The time from a commit whose outcome is unknown until its store is swapped. */
export class RecoveryState {
  #running: { readonly ended: Promise<void>; readonly end: () => void } | undefined;

  /** Starts a recovery; false if one runs already. */
  begin(): boolean {
    if (this.#running !== undefined) return false;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#running = { ended, end };
    return true;
  }

  end(): void {
    this.#running?.end();
    this.#running = undefined;
  }

  /** Resolves at once if there is nothing to recover. */
  get recovered(): Promise<void> {
    return this.#running?.ended ?? Promise.resolve();
  }

  /** Waits for a gate. If the store failed, which may last, it waits only a moment and rejects with `unavailable`. */
  async waitFor(gate: Promise<void>): Promise<void> {
    if (this.#running === undefined) return gate;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new AppError('unavailable', 'The store is being opened again')), WAIT_TIMEOUT);
    });
    await Promise.race([gate, late]).finally(() => clearTimeout(timer));
  }
}
