import { useEffect } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { Notices } from './components/notices.js';
import { Home } from './layout/home.js';
import { NotFound } from './layout/not-found.js';
import { ProjectPage } from './layout/project-page.js';
import { Shell } from './layout/shell.js';
import { consolePath, projectAddress } from './routing/addresses.js';
import { isRestored, isSignedIn } from './session/session.js';
import { SignInPage } from './session/sign-in-page.js';
import { preloadViews, projectViews, serverViews } from './views.js';

/** When the other views are loaded, in ms: after the first one has what it needs. */
const PRELOAD_AFTER = 2_000;

export function Application() {
  return (
    <LocationProvider scope={consolePath}>
      <Content />
      <Notices />
    </LocationProvider>
  );
}

/** Every view needs a key; its address stays while one is asked for. */
function Content() {
  useEffect(() => {
    if (!isSignedIn.value) return;
    const timer = setTimeout(preloadViews, PRELOAD_AFTER);
    return () => clearTimeout(timer);
  }, [isSignedIn.value]);
  if (!isRestored.value) return <p class="starting">Loading…</p>;
  if (!isSignedIn.value) return <SignInPage />;
  return (
    <Shell>
      <Router>
        <Route path={consolePath} component={Home} />
        <Route path={`${consolePath}sign-in`} component={SignInPage} />
        {projectViews.map((view) => (
          <Route
            key={view.path}
            path={`${consolePath}projects/:project/${view.path}`}
            component={({ project }: { project: string }) => <ProjectPage project={project} view={view} />}
          />
        ))}
        <Route path={`${consolePath}projects/:project`} component={FirstView} />
        {serverViews.map((view) => (
          <Route key={view.path} path={`${consolePath}${view.path}`} component={view.component} />
        ))}
        <Route default component={NotFound} />
      </Router>
    </Shell>
  );
}

/** It stays until the view that it leads to is loaded, so the address is made of the project, not of the address. */
function FirstView({ project }: { readonly project: string }) {
  const { route } = useLocation();
  useEffect(() => route(projectAddress(project, projectViews[0]?.path ?? ''), true), [project, route]);
  return null;
}
