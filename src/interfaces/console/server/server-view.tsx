import { useEffect } from 'preact/hooks';
import { systemKey } from '../session/session.js';
import { NeedsSystemKey } from './needs-system-key.js';
import { Overview } from './overview.js';
import '../styles/server.css';

/** The state of the whole server. */
export function ServerView() {
  useEffect(() => {
    document.title = 'Server · PortKV';
  }, []);
  if (systemKey.value !== undefined) return <Overview />;
  return (
    <main class="page" id="content" tabIndex={-1}>
      <h1>Server</h1>
      <NeedsSystemKey path="/status" />
    </main>
  );
}
