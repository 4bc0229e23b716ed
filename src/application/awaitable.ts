import type { Awaitable } from './ports/store.js';

/** Goes on with a value at once where it is there at once: a promise in between would cost a read of one entry some hundredths. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
