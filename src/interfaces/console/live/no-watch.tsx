import { EmptyState } from '../components/empty-state.js';
import { apiRoot } from '../routing/addresses.js';
import { rightsOf } from '../session/describe-caller.js';
import { projectKeys } from '../session/session.js';

/** Says why changes cannot be watched with the keys of this session, and how to get a key that can. */
export function NoWatch({ project }: { readonly project: string }) {
  const signed = projectKeys.value.get(project);
  const path = `${apiRoot}/api/v1/projects/${encodeURIComponent(project)}/api-keys`;
  const body = '{"name":"watcher","scopes":["watch","list","read"]}';
  const command = `curl ${path} -H "X-API-Key: $PROJECT_KEY" -d '${body}'`;
  if (signed === undefined) {
    return (
      <EmptyState icon="lock" title="To see its changes, add a key of this project" command={command}>
        <p>The system key manages projects and sees no data. A key of the project opens this view; this makes one:</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="lock" title="This key may not watch changes" command={command}>
      <p>
        {rightsOf(signed.caller)} Watching needs the scope “watch”. Somebody with a key that has the scope “admin” can
        make one:
      </p>
    </EmptyState>
  );
}
