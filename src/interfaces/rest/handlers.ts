import { inject, injectable } from 'tsyringe';
import { ChangeHandlers } from './change.handlers.js';
import { CopyHandlers } from './copy.handlers.js';
import { EntryHandlers } from './entry.handlers.js';
import { HealthHandlers } from './health.handlers.js';
import { KeyHandlers } from './key.handlers.js';
import { ListHandlers } from './list.handlers.js';
import { MigrationHandlers } from './migration.handlers.js';
import { ProjectHandlers } from './project.handlers.js';
import { SnapshotHandlers } from './snapshot.handlers.js';
import { TransactionHandlers } from './transaction.handlers.js';

/** Everything that the route table calls. */
@injectable()
export class Handlers {
  constructor(
    @inject(EntryHandlers) readonly entries: EntryHandlers,
    @inject(ListHandlers) readonly lists: ListHandlers,
    @inject(ProjectHandlers) readonly projects: ProjectHandlers,
    @inject(KeyHandlers) readonly keys: KeyHandlers,
    @inject(TransactionHandlers) readonly transactions: TransactionHandlers,
    @inject(CopyHandlers) readonly copies: CopyHandlers,
    @inject(SnapshotHandlers) readonly snapshots: SnapshotHandlers,
    @inject(MigrationHandlers) readonly migrations: MigrationHandlers,
    @inject(ChangeHandlers) readonly changes: ChangeHandlers,
    @inject(HealthHandlers) readonly health: HealthHandlers,
  ) {}
}
