import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { EmptyState } from '../components/empty-state.js';
import { Icon } from '../components/icon.js';
import { apiRoot, projectAddress } from '../routing/addresses.js';
import { rightsOf } from '../session/describe-caller.js';
import { listProblem, projectIds } from '../session/project-list.js';
import { projectKeys, systemKey } from '../session/session.js';
import { projectViews } from '../views.js';

/** Leads to the only project, or shows all of them. */
export function Home() {
  const { route } = useLocation();
  const ids = projectIds.value;
  const [first] = projectKeys.value.keys();
  const only = systemKey.value === undefined && ids.length === 1 ? first : undefined;
  useEffect(() => {
    document.title = 'PortKV';
    if (only !== undefined) route(projectAddress(only, projectViews[0]?.path ?? ''), true);
  }, [only, route]);
  if (only !== undefined) return null;
  return (
    <main class="page" id="content">
      <h1>Projects</h1>
      {listProblem.value !== undefined && <p class="problem">{listProblem.value}</p>}
      {ids.length === 0 ? (
        <EmptyState
          icon="database"
          title="There is no project yet"
          command={`curl ${apiRoot}/api/v1/projects -H "X-API-Key: $SYSTEM_KEY" -d '{"id":"weather"}'`}
        >
          <p>A project holds keys and values on one storage engine. This makes one, and prints its key:</p>
        </EmptyState>
      ) : (
        <ul class="cards">
          {ids.map((id) => (
            <li key={id}>
              <a class="card" href={projectAddress(id, projectViews[0]?.path ?? '')}>
                <Icon name="database" />
                <strong>{id}</strong>
                <span>{describe(id)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}

function describe(id: string): string {
  const signed = projectKeys.value.get(id);
  return signed === undefined ? 'To see its data, add a key of this project.' : rightsOf(signed.caller);
}
