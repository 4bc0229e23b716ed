import { useLocation } from 'preact-iso/router';
import { Icon, type IconName } from '../components/icon.js';
import { Logo } from '../components/logo.js';
import { ThemeSwitch } from '../components/theme-switch.js';
import { addressOf, projectAddress, serverAddress } from '../routing/addresses.js';
import { projectIds } from '../session/project-list.js';
import { projectKeys, systemKey } from '../session/session.js';
import { SessionPanel } from '../session/session-panel.js';
import { projectViews, serverViews } from '../views.js';

export function Navigation() {
  const { path } = useLocation();
  return (
    <nav class="navigation" aria-label="Console">
      <a href={addressOf('')} class="home">
        <Logo />
      </a>
      <div class="sections">
        {systemKey.value !== undefined && serverViews.length > 0 && (
          <ul>
            {serverViews.map((view) => (
              <li key={view.path}>
                <Item href={addressOf(view.path)} icon={view.icon} label={view.label} path={path} />
              </li>
            ))}
          </ul>
        )}
        <h2>Projects</h2>
        <ul>
          {projectIds.value.map((id) => (
            <li key={id}>
              <ProjectLinks id={id} path={path} />
            </li>
          ))}
        </ul>
      </div>
      <footer>
        <SessionPanel />
        <div class="row">
          <a class="item" href={serverAddress('docs')}>
            <Icon name="docs" />
            API
          </a>
          <ThemeSwitch />
        </div>
      </footer>
    </nav>
  );
}

/** A project, with its views if it is the one that is open. */
function ProjectLinks({ id, path }: { readonly id: string; readonly path: string }) {
  const isOpen = path.startsWith(projectAddress(id, '')) || path === projectAddress(id, '').slice(0, -1);
  const first = projectAddress(id, projectViews[0]?.path ?? '');
  return (
    <>
      <a class="item project" href={first} aria-current={isOpen ? 'true' : undefined}>
        <Icon name={projectKeys.value.has(id) ? 'database' : 'lock'} />
        <span class="name">{id}</span>
      </a>
      {isOpen && projectViews.length > 1 && (
        <ul>
          {projectViews.map((view) => (
            <li key={view.path}>
              <Item href={projectAddress(id, view.path)} icon={view.icon} label={view.label} path={path} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Item(props: {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  readonly path: string;
}) {
  const isCurrent = props.path === props.href || props.path.startsWith(`${props.href}/`);
  return (
    <a class="item" href={props.href} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={props.icon} />
      <span class="name">{props.label}</span>
    </a>
  );
}
