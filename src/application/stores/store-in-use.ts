import type { Awaitable } from '../awaitable.js';
import type { Store } from '../ports/store.js';

/** Counts the running reads of a store, so that it can be closed after the last one. */
export class StoreInUse {
  #reads = 0;
  #onIdle: (() => void) | undefined;

  constructor(readonly store: Store) {}

  read<T>(call: (store: Store) => Awaitable<T>): Awaitable<T> {
    const result = call(this.store);
    if (!(result instanceof Promise)) return result;
    this.#reads += 1;
    return result.finally(() => this.#readEnded());
  }

  /** Counts as a read until the returned function is called for the first time. */
  retain(): () => void {
    this.#reads += 1;
    let release = () => {
      release = () => undefined;
      this.#readEnded();
    };
    return () => release();
  }

  /** Resolves when no read runs. Call it once, when no more reads can begin. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#reads === 0) resolve();
      else this.#onIdle = resolve;
    });
  }

  #readEnded(): void {
    this.#reads -= 1;
    if (this.#reads === 0) this.#onIdle?.();
  }
}
