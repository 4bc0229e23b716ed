import type { Entry } from '../../domain/entry.js';
import type { Awaitable } from '../awaitable.js';
import type { Store } from '../ports/store.js';

/** Counts the running reads of a store, so that it can be closed after the last one. */
export class StoreInUse {
  #reads = 0;
  #onIdle: (() => void) | undefined;

  constructor(readonly store: Store) {}

  read<T>(call: (store: Store) => Awaitable<T>): Awaitable<T> {
    const result = call(this.store);
    return result instanceof Promise ? this.#track(result) : result;
  }

  /** As `read`, for what is called most. */
  get(key: string): Awaitable<Entry | undefined> {
    const found = this.store.get(key);
    return found instanceof Promise ? this.#track(found) : found;
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

  #track<T>(result: Promise<T>): Promise<T> {
    this.#reads += 1;
    return result.finally(() => this.#readEnded());
  }

  #readEnded(): void {
    this.#reads -= 1;
    if (this.#reads === 0) this.#onIdle?.();
  }
}
