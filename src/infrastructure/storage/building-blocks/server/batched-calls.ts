import type { Awaitable } from '../../../../application/awaitable.js';

interface Waiting<T, R> {
  readonly call: T;
  readonly resolve: (result: Awaitable<R>) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchOptions<T, R> {
  /** How many batches may run at a time. */
  readonly maxRunning: number;
  /** For how many ms calls wait for a batch that runs, before another one is begun beside it; 0 if it is not given. */
  readonly patience?: number;
  /** For a new batch: whether a call, which is added then, can be in it. The first call always is. */
  readonly begin: () => (call: T) => boolean;
  /** Does the calls of a batch; the results are by position. What it rejects with is that of each call. */
  readonly run: (calls: readonly T[]) => Promise<readonly Awaitable<R>[]>;
}

/**
 * Makes one call to a server of those that come in one turn of the event loop, and of those that wait because enough
 * batches run. They are done in the order of their calls, each batch after the turn in which it was asked for.
 */
export class BatchedCalls<T, R> {
  readonly #options: BatchOptions<T, R>;
  #queue: Waiting<T, R>[] = [];
  #running = 0;
  /** When the last batch began. */
  #began = 0;
  #waiting: NodeJS.Timeout | undefined;
  #isScheduled = false;

  constructor(options: BatchOptions<T, R>) {
    this.#options = options;
  }

  call(call: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ call, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    const { maxRunning, patience = 0 } = this.#options;
    if (this.#isScheduled || this.#queue.length === 0 || this.#running === maxRunning) return;
    if (this.#running > 0 && patience > 0 && this.#waits(patience)) return;
    this.#isScheduled = true;
    // What has arrived is handled first, and joins in.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run(this.#take());
      this.#schedule();
    });
  }

  /** Whether the next batch waits for one that runs; it is scheduled again when that has run long enough. */
  #waits(patience: number): boolean {
    if (this.#waiting !== undefined) return true;
    const left = this.#began + patience - performance.now();
    if (left <= 0) return false;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.#schedule();
    }, left);
    return true;
  }

  #take(): readonly Waiting<T, R>[] {
    const joins = this.#options.begin();
    let count = 0;
    while (count < this.#queue.length && (joins((this.#queue[count] as Waiting<T, R>).call) || count === 0)) count += 1;
    const taken = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return taken;
  }

  async #run(batch: readonly Waiting<T, R>[]): Promise<void> {
    this.#running += 1;
    this.#began = performance.now();
    try {
      const results = await this.#options.run(batch.map(({ call }) => call));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Awaitable<R>);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#running -= 1;
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#schedule();
  }
}

/** For `begin`: so many calls at most. */
export function upTo(most: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count <= most;
  };
}
