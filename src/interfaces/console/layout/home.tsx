import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { projectAddress } from '../routing/addresses.js';
import { projectIds } from '../session/project-list.js';
import { projectKeys, systemKey } from '../session/session.js';
import { ProjectList, projectViews } from '../views.js';

/** Leads to the only project, or shows all of them. */
export function Home() {
  const { route } = useLocation();
  const [first] = projectKeys.value.keys();
  const only = systemKey.value === undefined && projectIds.value.length === 1 ? first : undefined;
  useEffect(() => {
    document.title = 'Projects · PortKV';
    if (only !== undefined) route(projectAddress(only, projectViews[0]?.path ?? ''), true);
  }, [only, route]);
  return only === undefined ? <ProjectList /> : null;
}
