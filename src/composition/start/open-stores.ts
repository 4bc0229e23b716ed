import type { DependencyContainer } from 'tsyringe';
import { KeyspaceRegistry } from '../../application/lifecycle/keyspace-registry.js';
import { Migrations } from '../../application/migrations/migrations.js';
import { Audit } from '../../application/ports/audit.js';
import { KeyUsage } from '../../application/ports/registry/key-usage.js';
import { SystemStatus } from '../../application/ports/system-status.js';
import { SnapshotScheduler } from '../../application/snapshots/snapshot-scheduler.js';
import { FreeSpace } from '../../infrastructure/files/free-space.js';
import type { AuditFile } from '../../infrastructure/observability/audit-file.js';
import type { KeyUsageFile } from '../../infrastructure/observability/key-usage-file.js';
import type { ProcessStatus } from '../../infrastructure/observability/process-status.js';
import type { StopSequence } from './stop-sequence.js';

/** Opens the stores of all projects, and starts what the server does by itself. */
export async function openStores(container: DependencyContainer, stopping: StopSequence): Promise<void> {
  const [usage, audit] = [container.resolve<KeyUsageFile>(KeyUsage), container.resolve<AuditFile>(Audit)];
  const [keyspaces, migrations] = [container.resolve(KeyspaceRegistry), container.resolve(Migrations)];
  const [snapshots, space] = [container.resolve(SnapshotScheduler), container.resolve(FreeSpace)];
  await usage.start();
  stopping.add(
    () => audit.stop(),
    () => usage.stop(),
    () => snapshots.idle(),
    () => keyspaces.close(),
    () => migrations.cancel(),
  );
  await space.start();
  stopping.add(async () => space.stop());
  await keyspaces.start(() => container.resolve<ProcessStatus>(SystemStatus).begin());
  snapshots.start();
  stopping.add(async () => snapshots.stop());
}
