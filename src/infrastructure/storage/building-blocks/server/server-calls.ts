import type { Awaitable } from '../../../../application/awaitable.js';
import { AppError } from '../../../../domain/errors.js';

/** The calls of one open store to its server. */
export class ServerCalls {
  readonly #running = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  /** `store` is its name in messages. */
  constructor(private readonly store: string) {}

  /** Throws `unavailable` after `close`. */
  requireOpen(): void {
    if (this.#closing !== undefined) throw new AppError('unavailable', `The store ${this.store} is closed`);
  }

  /** Aborted by `close`. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Rejects with `unavailable` after `close`. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.requireOpen();
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Also rejects with `unavailable` if it takes longer than so many seconds. The call goes on then, and its result is
   * ignored: a commit that waits for a standby must not be cancelled.
   */
  within<T>(seconds: number, call: () => Promise<T>): Promise<T> {
    return this.run(() => this.inTime(seconds, call));
  }

  /** `within` for a part of calls that run, which goes on after `close`. */
  inTime<T>(seconds: number, call: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `${this.store}: the server did not answer within ${seconds} s`;
      timer = setTimeout(() => reject(new AppError('unavailable', message)), seconds * 1000);
    });
    return Promise.race([call(), late]).finally(() => clearTimeout(timer));
  }

  /** What `follow` yields until the signal is aborted. Throws `unavailable` if the store is closed before. */
  async *until<T>(signal: AbortSignal, follow: (signal: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T> {
    this.requireOpen();
    yield* follow(AbortSignal.any([signal, this.#closed.signal]));
    if (!signal.aborted) this.requireOpen();
  }

  /** Refuses further calls, and calls `release` after those that run. */
  close(release: () => Awaitable<void>): Promise<void> {
    this.#closed.abort();
    this.#closing ??= Promise.allSettled(this.#running).then(release);
    return this.#closing;
  }
}
