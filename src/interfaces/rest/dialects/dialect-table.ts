import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Route } from '../routing/route.js';
import { BulkHandlers } from './cloudflare/bulk.handlers.js';
import { cloudflareRoutes } from './cloudflare/cloudflare.routes.js';
import { NamespaceHandlers } from './cloudflare/namespace.handlers.js';
import { ValueHandlers } from './cloudflare/value.handlers.js';
import { UnstorageHandlers } from './unstorage/unstorage.handlers.js';
import { unstorageRoutes } from './unstorage/unstorage.routes.js';
import { UpstashHandlers } from './upstash/upstash.handlers.js';
import { upstashRoutes } from './upstash/upstash.routes.js';

/** The routes of all dialects. */
@scoped(Lifecycle.ContainerScoped)
export class DialectTable {
  readonly routes: readonly Route[];

  constructor(
    @inject(UnstorageHandlers) unstorage: UnstorageHandlers,
    @inject(NamespaceHandlers) namespaces: NamespaceHandlers,
    @inject(ValueHandlers) values: ValueHandlers,
    @inject(BulkHandlers) bulk: BulkHandlers,
    @inject(UpstashHandlers) upstash: UpstashHandlers,
  ) {
    this.routes = [
      ...unstorageRoutes(unstorage),
      ...cloudflareRoutes(namespaces, values, bulk),
      ...upstashRoutes(upstash),
    ];
  }
}
