import type { ServerSettings } from '../../application/ports/server-settings.js';
import { keyRoutes } from './api-keys/api-keys.routes.js';
import { changesRoutes } from './changes/changes.routes.js';
import { entryRoutes } from './entries/entries.routes.js';
import { storeRoutes } from './entries/list.routes.js';
import { valueRoutes } from './entries/values.routes.js';
import type { Handlers } from './handlers.js';
import { projectRoutes } from './projects/projects.routes.js';
import { rules } from './routing/access-rules.js';
import type { Route } from './routing/route.js';
import { serverRoutes } from './server-info/server.routes.js';
import { snapshotRoutes } from './snapshots/snapshots.routes.js';
import { copiesRoutes } from './transfer/transfer.routes.js';

/** Every route of the server. `document` describes them, as JSON text. */
export function routesOf(
  handlers: Handlers,
  { metricsPublic }: Pick<ServerSettings, 'metricsPublic'>,
  document: (routes: readonly Route[]) => string,
): readonly Route[] {
  let text: string | undefined;
  const routes: Route[] = [
    ...entryRoutes(handlers),
    ...valueRoutes(handlers),
    ...storeRoutes(handlers),
    ...changesRoutes(handlers),
    ...projectRoutes(handlers),
    ...keyRoutes(handlers),
    ...copiesRoutes(handlers),
    ...snapshotRoutes(handlers),
    ...serverRoutes(handlers, {
      metrics: metricsPublic ? 'open' : rules.system,
      openApi: () => (text ??= document(routes)),
    }),
  ];
  return routes;
}
