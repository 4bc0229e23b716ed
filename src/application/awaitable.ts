/** A value, or a promise of it: callers `await` either. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Continues with a value, synchronously if it is no promise: an extra promise would cost some hundredths of the time
 * that reading an entry takes. Not called `then`: a module that exports that name counts as a promise for `import()`.
 */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
