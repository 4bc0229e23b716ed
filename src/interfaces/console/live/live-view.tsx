import { useCallback, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Button } from '../components/button.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorBox } from '../components/error-box.js';
import { type HistoryEntry, MOST_ENTRIES } from '../feed/feed-history.js';
import type { ProjectFeed } from '../feed/project-feed.js';
import { feedOf, useChanges } from '../feed/use-feed.js';
import { count, plural } from '../formats/quantity.js';
import { apiRoot, projectAddress } from '../routing/addresses.js';
import { may } from '../session/session.js';
import { Activity } from './activity.js';
import { type ChangeFilter, filterOf, isFiltering, matching, queryOf } from './change-filter.js';
import { ChangeList } from './change-list.js';
import { ConnectionState } from './connection-state.js';
import { FilterBar } from './filter-bar.js';
import { NoWatch } from './no-watch.js';
import '../styles/live.css';

/** What changes in a project, as it happens. */
export function LiveView({ project }: { readonly project: string }) {
  const feed = feedOf(project);
  useChanges(project, () => {});
  return (
    <main class="page live" id="content" tabIndex={-1}>
      <header class="row wrap">
        <h1 class="grow">
          Live <span class="of-project">{project}</span>
        </h1>
        {may(project, 'watch') && <ConnectionState feed={feed} />}
      </header>
      {may(project, 'watch') ? <Feed feed={feed} /> : <NoWatch project={project} />}
    </main>
  );
}

/** How many lines are shown at first, and more each time that they are asked for. */
const LINES = 100;

function Feed({ feed }: { readonly feed: ProjectFeed }) {
  const { query, route } = useLocation();
  const [paused, setPaused] = useState<Paused>();
  const [most, setMost] = useState(LINES);
  const filter = filterOf(query);
  const setFilter = useCallback(
    (changed: ChangeFilter) => route(projectAddress(feed.project, 'live', queryOf(changed)), true),
    [feed, route],
  );
  const state = feed.state.value;
  const { history } = feed;
  const isRenewed = history.revision.value >= 0;
  const all = isRenewed && paused !== undefined ? paused.entries : history.entries;
  const found = matching(all, filter, most + 1);
  const waiting = paused === undefined ? 0 : history.received - paused.received;
  const pause = () => setPaused({ entries: [...history.entries], received: history.received });
  return (
    <>
      <Activity history={history} />
      <div class="toolbar">
        <FilterBar filter={filter} onFilter={setFilter} />
        <div class="row">
          {paused === undefined ? (
            <Button icon="pause" onClick={pause}>
              Pause
            </Button>
          ) : (
            <Button icon="play" kind="primary" onClick={() => setPaused(undefined)}>
              Go on
            </Button>
          )}
          <Button icon="delete" kind="quiet" label="Clear the list" onClick={() => history.clear()} />
        </div>
      </div>
      {paused !== undefined && (
        <p class="paused" role="status">
          {waitingText(waiting)}
        </p>
      )}
      {state.kind === 'refused' && <ErrorBox error={state.error} onRetry={() => feed.retry()} />}
      {state.kind === 'waiting' && <p class="warning-box">{`${state.error.message} What you see here stays.`}</p>}
      {found.length === 0 ? (
        <Nothing project={feed.project} isFiltered={isFiltering(filter) && all.length > 0} />
      ) : (
        <ChangeList project={feed.project} entries={found.slice(0, most)} />
      )}
      {found.length > most && (
        <Button icon="more" onClick={() => setMost(most + 300)}>
          Show earlier changes
        </Button>
      )}
    </>
  );
}

interface Paused {
  readonly entries: readonly HistoryEntry[];
  readonly received: number;
}

function waitingText(waiting: number): string {
  if (waiting === 0) return 'Paused. Nothing new yet.';
  const kept = waiting > MOST_ENTRIES ? ` The last ${count(MOST_ENTRIES)} of them are kept.` : '';
  return `Paused. ${plural(waiting, 'new line waits', 'new lines wait')}.${kept}`;
}

function Nothing({ project, isFiltered }: { readonly project: string; readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon="search" title="No change matches the filter">
        <p>New ones appear here as they happen.</p>
      </EmptyState>
    );
  }
  const path = `${apiRoot}/api/v1/projects/${encodeURIComponent(project)}/values/greeting`;
  const command = `curl -X PUT ${path} -H "X-API-Key: $PROJECT_KEY" -d 'hello'`;
  return (
    <EmptyState icon="live" title="Nothing has changed yet" command={command}>
      <p>Every entry that is written, deleted or expires appears here at once. Try it from a terminal:</p>
    </EmptyState>
  );
}
