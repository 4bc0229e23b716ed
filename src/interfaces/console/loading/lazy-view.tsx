import { type ComponentType, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { ErrorBox } from '../components/error-box.js';

export type LazyView<P = object> = ComponentType<P> & { readonly preload: () => Promise<unknown> };

/** A view that is loaded when it is first shown, or by `preload`. One that does not come says so, and has a button. */
export function lazyView<P extends object>(load: () => Promise<ComponentType<P>>): LazyView<P> {
  return lazy(() => load().catch(() => lateView(load)));
}

function lateView<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function LateView(props: P) {
    const [error, setError] = useState<unknown>();
    const [, setLoaded] = useState(loaded !== undefined);
    const attempt = async () => {
      setError(undefined);
      try {
        loaded = await load();
        setLoaded(true);
      } catch {
        setError(new TypeError());
      }
    };
    useEffect(() => void attempt(), []);
    if (loaded !== undefined) return h(loaded, props);
    return (
      <main class="page" id="content" tabIndex={-1}>
        {error === undefined ? (
          <p class="hint">Loading…</p>
        ) : (
          <ErrorBox error={error} onRetry={attempt}>
            <p>This view is not loaded yet. If another version of the server runs now, load the page again.</p>
          </ErrorBox>
        )}
      </main>
    );
  };
}
