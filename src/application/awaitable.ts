/** A value, or a promise of it: callers `await` either. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Continues with a value, synchronously if it is there already: a promise in between would cost a read of one entry some hundredths.
 * Not called `then`: a module that exports that name counts as a promise for `import()`.
 */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
