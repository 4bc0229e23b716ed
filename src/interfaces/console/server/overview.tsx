import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ErrorBox } from '../components/error-box.js';
import { addressOf } from '../routing/addresses.js';
import { Charts } from './charts/charts.js';
import { history, historyProblem, keepHistory } from './metrics/metrics-history.js';
import { NodesTable } from './nodes-table.js';
import { FailedProjects } from './projects/failed-projects.js';
import { UnclaimedProjects } from './projects/unclaimed-projects.js';
import { Tiles } from './tiles.js';
import { useServerState } from './use-server-state.js';

/** For how long back the charts may show, in minutes; the first unless another is chosen. */
const SPANS = [5, 15, 60];

export function Overview() {
  const { query, route } = useLocation();
  const { state, problem, reload } = useServerState();
  useEffect(keepHistory, []);
  const chosen = Number(query.minutes);
  const minutes = SPANS.includes(chosen) ? chosen : (SPANS[0] as number);
  const from = Date.now() - minutes * 60_000;
  const measurements = history.value.filter(({ at }) => at >= from);
  const error = problem ?? historyProblem.value;
  const failed = Object.entries(state?.unavailable ?? {});
  return (
    <main class="page server" id="content" tabIndex={-1}>
      <header class="row wrap">
        <h1>Server</h1>
        {state !== undefined && <span class="badge">{`PortKV ${state.version}`}</span>}
        <p role="status" class={`health grow ${health(error, failed.length)}`}>
          {healthText(error, failed.length, state !== undefined)}
        </p>
      </header>
      {error !== undefined && (
        <ErrorBox error={error} onRetry={reload}>
          {state !== undefined && <p>What you see below is from before.</p>}
        </ErrorBox>
      )}
      {failed.length > 0 && <FailedProjects failed={failed} onChange={reload} />}
      <UnclaimedProjects ids={state?.unclaimed ?? []} onChange={reload} />
      {state !== undefined && <Tiles state={state} measurements={history.value} />}
      {state?.nodes !== undefined && <NodesTable nodes={state.nodes} />}
      <Charts
        measurements={measurements}
        minutes={minutes}
        spans={SPANS}
        onSpan={(span) => route(addressOf('server', { minutes: span === SPANS[0] ? undefined : String(span) }), true)}
      />
    </main>
  );
}

function health(error: unknown, failed: number): string {
  if (error !== undefined) return 'unknown';
  return failed === 0 ? 'ready' : 'failing';
}

function healthText(error: unknown, failed: number, isKnown: boolean): string {
  if (error !== undefined) return 'Does not answer as it should';
  if (!isKnown) return 'Loading…';
  if (failed === 0) return 'Every project is served';
  return failed === 1 ? 'One project cannot be served' : `${failed} projects cannot be served`;
}
