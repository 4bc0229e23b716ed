import { useEffect, useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import type { ProjectFeed } from '../feed/project-feed.js';

/** Whether the feed is connected, in words; if not, when it is tried again, and a button to do it now. */
export function ConnectionState({ feed }: { readonly feed: ProjectFeed }) {
  const state = feed.state.value;
  const now = useSeconds(state.kind === 'waiting');
  const wait = state.kind === 'waiting' ? Math.max(1, Math.ceil((state.retryAt - now) / 1000)) : 0;
  return (
    <div class="connection-state row">
      <p role="status" class={`state ${state.kind}`}>
        <span class="dot" aria-hidden="true" />
        {WORDS[state.kind]}
      </p>
      {state.kind === 'waiting' && (
        <>
          <span class="hint">{`Next try in ${wait} s`}</span>
          <Button icon="refresh" onClick={() => feed.retry()}>
            Try now
          </Button>
        </>
      )}
    </div>
  );
}

const WORDS = {
  closed: 'Not connected',
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Connection lost, reconnecting',
  refused: 'Refused',
} as const;

/** The time in ms since 1970, renewed every second while it is needed. */
function useSeconds(isNeeded: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isNeeded) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return now;
}
