import type { MigrationTarget } from '../../../application/keyspace/keyspaces.js';
import { MigrationRun } from '../../../application/migrations/migration-run.js';
import type { SwappableStore } from '../../../application/stores/swappable-store.js';
import { AppError } from '../../../domain/errors.js';
import type { Project } from '../../../domain/project.js';
import type { LocalProjectStorage } from '../placement/local-project-storage.js';
import type { KeyspaceContext } from './keyspace-context.js';

/** Moves a project before it is served. Where that fails, it is served where it is, but never unencrypted against the configuration. */
export async function migrateAsConfigured(
  { id, storage }: Project,
  live: SwappableStore,
  placed: LocalProjectStorage,
  prepare: () => Promise<MigrationTarget>,
  { clock, log, hash }: KeyspaceContext,
): Promise<void> {
  const [from, to, isPlain] = [placed.placement.engine, storage.engine, placed.placement.encryption === undefined];
  const move = new MigrationRun(from, to, clock, hash);
  let next: MigrationTarget | undefined;
  try {
    next = await prepare();
    await next.recordMigration(move.record);
    await move.run(live, next);
    const { copied: entries } = move.record;
    log.info({ project: id, from, to, entries }, 'the data was moved as the configuration asks');
  } catch (error) {
    const reason = (error as Error).message;
    // What cannot be tidied up now is at the next start.
    await Promise.allSettled([next?.discard()]);
    await Promise.allSettled([move.failed(placed, error as Error)]);
    if (!placed.isDurable) throw error;
    if (storage.encryption !== undefined && isPlain) {
      throw new AppError('unavailable', `Project '${id}' cannot be encrypted as configured: ${reason}`);
    }
    const message = 'the data could not be moved as the configuration asks; it is served where it is';
    log.error({ project: id, from, to, reason }, message);
  }
}
