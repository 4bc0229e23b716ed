import { inject, injectable } from 'tsyringe';
import { ApiKeyHandlers } from './api-keys/api-key.handlers.js';
import { ChangeHandlers } from './changes/change.handlers.js';
import { EntryHandlers } from './entries/entry.handlers.js';
import { ListHandlers } from './entries/list.handlers.js';
import { MigrationHandlers } from './migrations/migration.handlers.js';
import { ProjectHandlers } from './projects/project.handlers.js';
import { HealthHandlers } from './server-info/health.handlers.js';
import { SnapshotHandlers } from './snapshots/snapshot.handlers.js';
import { TransactionHandlers } from './transactions/transaction.handlers.js';
import { TransferHandlers } from './transfer/export-import.handlers.js';

/** Everything that the route table calls. */
@injectable()
export class Handlers {
  constructor(
    @inject(EntryHandlers) readonly entries: EntryHandlers,
    @inject(ListHandlers) readonly lists: ListHandlers,
    @inject(ProjectHandlers) readonly projects: ProjectHandlers,
    @inject(ApiKeyHandlers) readonly keys: ApiKeyHandlers,
    @inject(TransactionHandlers) readonly transactions: TransactionHandlers,
    @inject(TransferHandlers) readonly copies: TransferHandlers,
    @inject(SnapshotHandlers) readonly snapshots: SnapshotHandlers,
    @inject(MigrationHandlers) readonly migrations: MigrationHandlers,
    @inject(ChangeHandlers) readonly changes: ChangeHandlers,
    @inject(HealthHandlers) readonly health: HealthHandlers,
  ) {}
}
