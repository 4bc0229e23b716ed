import { EmptyState } from '../components/empty-state.js';
import { apiRoot } from '../routing/addresses.js';

/** Says which key opens a view of the server, and the same from a command line. */
export function NeedsSystemKey({ path }: { readonly path: string }) {
  const command = `curl ${apiRoot}${path} -H "X-API-Key: $SYSTEM_KEY"`;
  return (
    <EmptyState icon="lock" title="The system key opens this view" command={command}>
      <p>
        The first start of the server printed it, as SYSTEM_KEY. Add it under “Keys of this session”, at the foot of the
        menu; the keys of projects stay beside it. From a command line:
      </p>
    </EmptyState>
  );
}
