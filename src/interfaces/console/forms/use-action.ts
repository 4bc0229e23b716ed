import { useState } from 'preact/hooks';

export interface Action<A extends unknown[]> {
  readonly run: (...args: A) => Promise<void>;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly forget: () => void;
}

/** Something that a person started: whether it runs, and why it failed. What was typed is not touched by a failure. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (...args: A) => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await act(...args);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy, error, forget: () => setError(undefined) };
}
