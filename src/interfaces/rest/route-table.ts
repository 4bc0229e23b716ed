import { inject, Lifecycle, scoped } from 'tsyringe';
import { rules } from '../../application/access/access-rules.js';
import { AccessSettings } from '../../application/ports/access-settings.js';
import { ApiKeyHandlers } from './api-keys/api-key.handlers.js';
import { keyRoutes } from './api-keys/api-keys.routes.js';
import { ChangeHandlers } from './changes/change.handlers.js';
import { changesRoutes } from './changes/changes.routes.js';
import { DialectTable } from './dialects/dialect-table.js';
import { entryRoutes } from './entries/entries.routes.js';
import { EntryHandlers } from './entries/entry.handlers.js';
import { FormHandlers } from './entries/form.handlers.js';
import { ListHandlers } from './entries/list.handlers.js';
import { storeRoutes } from './entries/list.routes.js';
import { valueRoutes } from './entries/values.routes.js';
import { MigrationHandlers } from './migrations/migration.handlers.js';
import { migrationRoutes } from './migrations/migrations.routes.js';
import { ApiDescription } from './openapi/api-description.js';
import { ProjectHandlers } from './projects/project.handlers.js';
import { projectRoutes } from './projects/projects.routes.js';
import type { Route } from './routing/route.js';
import { AuditHandlers } from './server-info/audit.handlers.js';
import { auditRoutes } from './server-info/audit.routes.js';
import { HealthHandlers } from './server-info/health.handlers.js';
import { NodeHandlers } from './server-info/node.handlers.js';
import { nodeRoutes } from './server-info/nodes.routes.js';
import { serverRoutes } from './server-info/server.routes.js';
import { SnapshotHandlers } from './snapshots/snapshot.handlers.js';
import { snapshotRoutes } from './snapshots/snapshots.routes.js';
import { TransactionHandlers } from './transactions/transaction.handlers.js';
import { transactionRoutes } from './transactions/transactions.routes.js';
import { TransferHandlers } from './transfer/export-import.handlers.js';
import { transferRoutes } from './transfer/transfer.routes.js';

/** Every route of the server. */
@scoped(Lifecycle.ContainerScoped)
export class RouteTable {
  readonly routes: readonly Route[];

  constructor(
    @inject(EntryHandlers) entries: EntryHandlers,
    @inject(ListHandlers) lists: ListHandlers,
    @inject(FormHandlers) forms: FormHandlers,
    @inject(TransactionHandlers) transactions: TransactionHandlers,
    @inject(ChangeHandlers) changes: ChangeHandlers,
    @inject(ProjectHandlers) projects: ProjectHandlers,
    @inject(ApiKeyHandlers) keys: ApiKeyHandlers,
    @inject(TransferHandlers) transfer: TransferHandlers,
    @inject(MigrationHandlers) migrations: MigrationHandlers,
    @inject(SnapshotHandlers) snapshots: SnapshotHandlers,
    @inject(AuditHandlers) audit: AuditHandlers,
    @inject(NodeHandlers) nodes: NodeHandlers,
    @inject(HealthHandlers) health: HealthHandlers,
    @inject(DialectTable) dialects: DialectTable,
    @inject(AccessSettings) { metricsPublic }: AccessSettings,
    @inject(ApiDescription) description: ApiDescription,
  ) {
    let openApi: string | undefined;
    const documented: Route[] = [
      ...entryRoutes(entries),
      ...valueRoutes(entries),
      ...storeRoutes(lists, forms),
      ...transactionRoutes(transactions),
      ...changesRoutes(changes),
      ...projectRoutes(projects),
      ...keyRoutes(keys),
      ...transferRoutes(transfer),
      ...migrationRoutes(migrations),
      ...snapshotRoutes(snapshots),
      ...auditRoutes(audit),
      ...nodeRoutes(nodes),
      ...serverRoutes(health, {
        metrics: metricsPublic ? 'open' : rules.system,
        openApi: () => (openApi ??= description.json(documented)),
      }),
    ];
    this.routes = [...documented, ...dialects.routes];
  }
}
