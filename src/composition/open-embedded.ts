import { resolve } from 'node:path';
import { ChangeEntry } from '../application/entries/change-entry.js';
import { ListEntries } from '../application/entries/list-entries.js';
import { RemoveEntries } from '../application/entries/remove-entries.js';
import { RunTransaction } from '../application/entries/run-transaction.js';
import type { Keyspace } from '../application/keyspace/keyspace.js';
import { KeyspaceRegistry } from '../application/lifecycle/keyspace-registry.js';
import { openReadOnlyKeyspace } from '../application/lifecycle/read-only-keyspace.js';
import type { ProjectStorage, StorageSpec } from '../application/ports/project-storage.js';
import { ownLeases } from '../application/ports/registry/leases.js';
import { AppError } from '../domain/errors.js';
import type { Project } from '../domain/project.js';
import { checkProject } from '../infrastructure/config/check-project.js';
import { FreeSpace } from '../infrastructure/files/free-space.js';
import { pinoLogger } from '../infrastructure/observability/pino-logger.js';
import { SystemClock } from '../infrastructure/observability/system-clock.js';
import { projectRules } from '../infrastructure/rules/project-rules.js';
import { ConfiguredCiphers } from '../infrastructure/security/configured-ciphers.js';
import { shaEntryHash } from '../infrastructure/security/sha-entry-hash.js';
import { lockDataFolder, shareDataFolder } from '../infrastructure/storage/data-folder.js';
import { StorePool } from '../infrastructure/storage/on-demand/store-pool.js';
import { requestedSpec } from '../infrastructure/storage/placement/generations.js';
import { LocalProjectStorages } from '../infrastructure/storage/placement/local-project-storages.js';
import { FileSnapshots } from '../infrastructure/storage/snapshots/file-snapshots.js';
import type { OpenOptions } from '../interfaces/library/open-options.js';
import type { UseCases } from '../interfaces/library/portkv-store.js';

/** An open project without a server. */
export interface Embedded {
  readonly keyspace: Keyspace;
  readonly useCases: UseCases;
  close(): Promise<void>;
}

/** Opens one project of a data folder in this process, as `open` of the library promises. */
export async function openEmbedded(options: OpenOptions): Promise<Embedded> {
  const { project: id = 'default', readOnly = false, logLevel = 'warn' } = options;
  const path = resolve(requirePath(options));
  const requested = await projectFrom(id, options);
  const log = await pinoLogger({ level: logLevel, format: 'auto' });
  const ciphers = new ConfiguredCiphers(process.cwd());
  const space = new FreeSpace(path, undefined);
  // The one project stays open.
  const pool = new StorePool();
  const storages = new LocalProjectStorages({ folder: path, ciphers, log, space, pool });
  if (readOnly) await requireUnchanged(storages.of(id), path, options, requested);
  const folder = await (readOnly ? shareDataFolder : lockDataFolder)(path);
  const project = await existingProject(storages.of(id), options, requested).catch(async (error: unknown) => {
    await folder.release();
    throw error;
  });
  const context = {
    storages,
    snapshots: new FileSnapshots(path, log, space),
    projects: {
      get: (asked: string): Project | undefined => (asked === id ? project : undefined),
      list: () => [project],
      remove: async () => undefined,
      update: async () => project,
    },
    leases: ownLeases,
    clock: new SystemClock(),
    log,
    hash: shaEntryHash,
    rulesOf: ({ limits }: Project) => projectRules(limits, {}),
    abortProcess: (reason: string) => log.error({}, reason),
  };
  const keyspaces = new KeyspaceRegistry(context);
  let reading: Keyspace | undefined;
  const close = async () => {
    await reading?.close();
    await keyspaces.close();
    await folder.release();
  };
  try {
    if (readOnly) reading = await openReadOnlyKeyspace(project, context);
    else await keyspaces.start();
    const keyspace = reading ?? (await keyspaces.of(id));
    const useCases = {
      changeEntry: new ChangeEntry(keyspaces),
      listEntries: new ListEntries({ of: () => keyspace }, context.projects),
      removeEntries: new RemoveEntries(keyspaces, context.projects),
      runTransaction: new RunTransaction({ of: () => keyspace }),
    };
    return { keyspace, useCases, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opening for writes may create or migrate a store; opening read-only must not, so the store must be as requested. */
async function requireUnchanged(
  storage: ProjectStorage,
  folder: string,
  options: OpenOptions,
  requested: Project,
): Promise<void> {
  if (!(await storage.load()) || storage.record.deleted) {
    throw new AppError('unavailable', `${folder} has no store of project '${requested.id}' that could be read`);
  }
  const { configured } = storage.record;
  const asked = requestedSpec((await projectLike(configured, options, requested)).storage);
  const [there, wanted] = [JSON.stringify(configured), JSON.stringify(asked)];
  if (there === wanted) return;
  const message = `Project '${requested.id}' in ${folder} is ${there}; to be read only, it is not moved to ${wanted}`;
  throw new AppError('unavailable', message);
}

/** The project with the recorded settings for options that were left out. */
async function existingProject(storage: ProjectStorage, options: OpenOptions, requested: Project): Promise<Project> {
  return (await storage.load()) ? projectLike(storage.record.configured, options, requested) : requested;
}

async function projectLike(configured: StorageSpec, options: OpenOptions, requested: Project): Promise<Project> {
  const { engine = configured.engine, encryption = configured.encryption ?? null } = options;
  const before = engine === configured.engine ? configured.options : {};
  return projectFrom(requested.id, { ...options, engine, options: options.options ?? before ?? {}, encryption });
}

function requirePath({ path }: OpenOptions): string {
  if (typeof path === 'string' && path !== '') return path;
  throw new AppError('invalid', 'path: the data folder is missing');
}

async function projectFrom(id: string, { engine, options, encryption, limits }: OpenOptions): Promise<Project> {
  const given = Object.entries({ engine, options, encryption }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const storage = Object.fromEntries(given);
  return checkProject(id, { storage, ...(limits === undefined ? {} : { limits }) });
}
