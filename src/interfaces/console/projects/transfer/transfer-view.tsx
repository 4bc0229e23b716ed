import '../../styles/projects.css';
import { EmptyState } from '../../components/empty-state.js';
import { apiRoot } from '../../routing/addresses.js';
import { may, projectKeys } from '../../session/session.js';
import { ViewPage } from '../parts/view-page.js';
import { ExportPanel } from './export-panel.js';
import { ImportPanel } from './import-panel.js';

/** Takes all entries out into a file, and brings them back, or those of another server. */
export function TransferView({ project }: { readonly project: string }) {
  const url = `${apiRoot}/api/v1/projects/${project}`;
  const hasKey = projectKeys.value.has(project);
  return (
    <ViewPage project={project} title="Export and import">
      {!hasKey && (
        <EmptyState
          icon="lock"
          title="The system key does not read entries"
          command={`curl ${url}/export -H "X-API-Key: $KEY" > ${project}.ndjson`}
        >
          <p>Add a key of this project under the keys of the session, at the foot of the menu. Or use it by curl:</p>
        </EmptyState>
      )}
      {hasKey && may(project, 'read') && may(project, 'list') && <ExportPanel project={project} />}
      {hasKey && may(project, 'write') && <ImportPanel project={project} />}
      {hasKey && !may(project, 'write') && !(may(project, 'read') && may(project, 'list')) && (
        <EmptyState icon="lock" title="This key neither exports nor imports">
          <p>
            An export needs the scopes <code>read</code> and <code>list</code>, an import the scope <code>write</code>.
          </p>
        </EmptyState>
      )}
    </ViewPage>
  );
}
