import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded again. */
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

/** Loads when the view opens and when `deps` change; an answer that comes too late is left out. */
export function useLoaded<T>(load: () => Promise<T>, deps: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly error?: unknown }>({});
  const latest = useRef(load);
  latest.current = load;
  const turn = useRef(0);
  const reload = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const value = await latest.current();
      if (mine === turn.current) setState({ value });
    } catch (error) {
      if (mine === turn.current) setState((before) => ({ ...before, error }));
    }
  }, []);
  useEffect(() => {
    void reload();
    return () => {
      turn.current += 1;
    };
  }, deps);
  return { value: state.value, error: state.error, reload };
}
