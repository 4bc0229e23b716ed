import type { ServerSettings } from '../../application/ports/server-settings.js';
import type { Handlers } from './handlers.js';
import type { Route } from './route.js';
import { changesRoutes } from './routes/changes.routes.js';
import { copiesRoutes } from './routes/copies.routes.js';
import { entryRoutes } from './routes/entries.routes.js';
import { keyRoutes } from './routes/keys.routes.js';
import { projectRoutes } from './routes/projects.routes.js';
import { rules } from './routes/rules.js';
import { serverRoutes } from './routes/server.routes.js';
import { snapshotRoutes } from './routes/snapshots.routes.js';
import { storeRoutes } from './routes/store.routes.js';
import { valueRoutes } from './routes/values.routes.js';

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
