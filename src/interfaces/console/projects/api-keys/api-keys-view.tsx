import { useState } from 'preact/hooks';
import type { components } from '#openapi';
import '../../styles/projects.css';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { CommandLine, EmptyState } from '../../components/empty-state.js';
import { plural } from '../../formats/quantity.js';
import { Failure } from '../../forms/failure.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { useQuery } from '../../forms/use-query.js';
import { apiRoot } from '../../routing/addresses.js';
import { adminApi, may, systemKey } from '../../session/session.js';
import { IssuedKeyDialog } from '../parts/issued-key-dialog.js';
import { Section, ViewPage } from '../parts/view-page.js';
import { ApiKeyTable } from './api-key-table.js';
import { CreateKeyDialog } from './create-key-dialog.js';
import { ReplacePrimaryDialog } from './replace-primary-dialog.js';
import { RevokeKeyDialog } from './revoke-key-dialog.js';
import { RotateKeyDialog } from './rotate-key-dialog.js';

type IssuedKey = Pick<components['schemas']['IssuedApiKey'], 'name' | 'key' | 'prefix'>;

const EXAMPLE = '{"name":"greenhouse","scopes":["read","list"]}';

/** The API keys of a project: what each may do, and until when. */
export function ApiKeysView({ project }: { readonly project: string }) {
  if (systemKey.value !== undefined || may(project, 'admin')) return <Content project={project} />;
  return (
    <ViewPage project={project} title="API keys">
      <EmptyState icon="lock" title="This key does not open this view">
        <p>
          It takes the system key, or a key of the project with the scope <code>admin</code>. Add one under the keys of
          the session, at the foot of the menu.
        </p>
      </EmptyState>
    </ViewPage>
  );
}

function Content({ project }: { readonly project: string }) {
  const path = { project };
  const list = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}/api-keys', { params: { path } })),
    [project],
  );
  const [dialog, setDialog] = useQuery('dialog');
  const [rotated, setRotated] = useQuery('rotate');
  const [revoked, setRevoked] = useQuery('revoke');
  const [issued, setIssued] = useState<IssuedKey | undefined>();
  const show = (key: IssuedKey) => {
    setDialog(undefined);
    setIssued(key);
    void list.reload();
  };
  const find = (id: string | undefined) => list.value?.find((one) => one.id === id);
  const [toRotate, toRevoke] = [find(rotated), find(revoked)];
  return (
    <ViewPage
      project={project}
      title="API keys"
      actions={
        <Button icon="add" kind="primary" onClick={() => setDialog('create')}>
          Create a key
        </Button>
      }
    >
      <Failure error={list.error} onRetry={list.reload} />
      {list.value === undefined && list.error === undefined && <p class="hint">Loading…</p>}
      {list.value !== undefined && (
        <Section
          title={plural(list.value.length, 'key')}
          hint="The server keeps only hashes: a key is shown once, when it is made."
        >
          <ApiKeyTable project={project} keys={list.value} onRotate={setRotated} onRevoke={setRevoked} />
          {list.value.every(({ primary }) => primary) && (
            <>
              <p class="hint">
                Give every program a key of its own, with no more rights than it needs. Create one here, or by:
              </p>
              <CommandLine
                text={`curl ${apiRoot}/api/v1/projects/${project}/api-keys -H "X-API-Key: $KEY" -d '${EXAMPLE}'`}
              />
            </>
          )}
        </Section>
      )}
      {dialog === 'create' && (
        <CreateKeyDialog project={project} onCreated={show} onClose={() => setDialog(undefined)} />
      )}
      {toRotate?.primary === true && (
        <ReplacePrimaryDialog
          project={project}
          id={toRotate.id}
          onReplaced={(key) => show({ name: toRotate.name, key, prefix: null })}
          onClose={() => setRotated(undefined)}
        />
      )}
      {toRotate?.primary === false && (
        <RotateKeyDialog project={project} apiKey={toRotate} onRotated={show} onClose={() => setRotated(undefined)} />
      )}
      {toRevoke !== undefined && (
        <RevokeKeyDialog
          project={project}
          apiKey={toRevoke}
          onRevoked={list.reload}
          onClose={() => setRevoked(undefined)}
        />
      )}
      {issued !== undefined && (
        <IssuedKeyDialog
          title={`The key “${issued.name}”`}
          project={project}
          secret={issued.key}
          prefix={issued.prefix}
          onClose={() => setIssued(undefined)}
        />
      )}
    </ViewPage>
  );
}
