import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded again. */
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

/** Loads when the view opens and when `deps` change; an answer that comes after a later one is left out. */
export function useLoaded<T>(load: () => Promise<T>, deps: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly error?: unknown }>({});
  const latest = useRef(load);
  latest.current = load;
  const started = useRef(0);
  const shown = useRef(0);
  const reload = useCallback(async () => {
    started.current += 1;
    const mine = started.current;
    // One that took longer than the time to the next request is shown, too, unless that was answered first.
    const isLatest = () => {
      const is = mine > shown.current;
      if (is) shown.current = mine;
      return is;
    };
    try {
      const value = await latest.current();
      if (isLatest()) setState({ value });
    } catch (error) {
      if (isLatest()) setState((before) => ({ ...before, error }));
    }
  }, []);
  useEffect(() => {
    void reload();
    return () => {
      shown.current = started.current;
    };
  }, deps);
  return { value: state.value, error: state.error, reload };
}
