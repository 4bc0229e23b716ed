import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { MigrationTarget } from '../keyspace/staged-store.js';
import { MigrationRun } from '../migrations/migration-run.js';
import type { ProjectStorage } from '../ports/project-storage.js';
import type { KeyspaceContext } from './keyspace-context.js';

/** What a migration needs of the project that is being opened. */
interface OpenProject {
  readonly keyspace: Keyspace;
  readonly storage: ProjectStorage;
  stageMigration(project: Project): Promise<MigrationTarget>;
}

/**
 * Migrates a project before it is served, because its configuration was edited by hand. If that fails, it is served
 * from its current place, but never unencrypted if the configuration asks for encryption.
 */
export async function migrateAsConfigured(
  project: Project,
  open: OpenProject,
  { clock, log, hash }: KeyspaceContext,
): Promise<void> {
  const { id, storage: spec } = project;
  const { storage, keyspace } = open;
  const [from, to, isPlain] = [storage.record.engine, spec.engine, storage.record.encryption === undefined];
  const run = new MigrationRun(from, to, clock, hash);
  let target: MigrationTarget | undefined;
  try {
    target = await open.stageMigration(project);
    await target.recordMigration(run.record);
    await run.run(keyspace.swappable, target);
    const { copied: entries } = run.record;
    log.info({ project: id, from, to, entries }, 'the data was moved as the configuration asks');
  } catch (error) {
    const reason = (error as Error).message;
    // The next start removes what cannot be removed now.
    await Promise.allSettled([target?.discard()]);
    await Promise.allSettled([run.failed(storage, error as Error)]);
    if (!storage.isDurable) throw error;
    if (spec.encryption !== undefined && isPlain) {
      throw new AppError('unavailable', `Project '${id}' cannot be encrypted as configured: ${reason}`);
    }
    const message = 'the data could not be moved as the configuration asks; it is served where it is';
    log.error({ project: id, from, to, reason }, message);
  }
}
