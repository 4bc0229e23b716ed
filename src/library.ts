import 'reflect-metadata';
import { resolve } from 'node:path';
import { ChangeEntry } from './application/entries/change-entry.js';
import { RemoveEntries } from './application/entries/remove-entries.js';
import { RunTransaction } from './application/entries/run-transaction.js';
import type { Keyspace } from './application/keyspace/keyspace.js';
import { AppError } from './domain/errors.js';
import type { KeySource, Project } from './domain/project.js';
import { checkProject } from './infrastructure/config/check-project.js';
import { FreeSpace } from './infrastructure/files/free-space.js';
import { type LogOptions, pinoLogger } from './infrastructure/observability/pino-logger.js';
import { SystemClock } from './infrastructure/observability/system-clock.js';
import { projectRules } from './infrastructure/rules/project-rules.js';
import { ConfiguredCiphers } from './infrastructure/security/configured-ciphers.js';
import { shaEntryHash } from './infrastructure/security/sha-entry-hash.js';
import { lockDataFolder, shareDataFolder } from './infrastructure/storage/data-folder.js';
import { KeyspaceRegistry } from './infrastructure/storage/lifecycle/keyspace-registry.js';
import { openReadOnlyKeyspace } from './infrastructure/storage/lifecycle/read-only-keyspace.js';
import { requestedSpec } from './infrastructure/storage/placement/generations.js';
import { readPlacement, type StorageSpec } from './infrastructure/storage/placement/placement.js';
import { PortkvStore } from './interfaces/library/portkv-store.js';

export type {
  ListOptions,
  PutOptions,
  Stored,
  TransactionCheck,
  TransactionOperation,
} from './interfaces/library/portkv-store.js';
export type { StoreChange } from './interfaces/library/watch.js';
export { AppError as PortkvError, PortkvStore };

export interface OpenOptions {
  /** One of PortKV's storage engines: `json-file`, `lmdb`, `directory`, `memory`. Another than the one before moves the data. */
  readonly engine?: string;
  /** The data folder: the same files as a server's, which must not run on it meanwhile. */
  readonly path: string;
  /** The project within the folder. */
  readonly project?: string;
  /** Options of the engine. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Where the keys are that encrypt the values; a path counts from the working directory. Null turns it off. */
  readonly encryption?: KeySource | null;
  /** Limits as in a server's configuration. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** Refuses every write and writes not a byte; rejects with `unavailable` where no such store is there, or it lies in another way than asked for. */
  readonly readOnly?: boolean;
  /** What is told on standard error. */
  readonly logLevel?: LogOptions['level'];
}

/**
 * Opens a store without a server, with the guarantees of one. Where there is one already, the engine, its options and the encryption stay as they
 * are where they are left out. Rejects with a `PortkvError`: `invalid` for wrong options,
 * `unavailable` where the folder is in use by another process or cannot be read.
 */
export async function open<T = unknown>(options: OpenOptions): Promise<PortkvStore<T>> {
  const { path, project: id = 'default', readOnly = false, logLevel = 'warn' } = options;
  const wished = await projectOf(id, options);
  const log = await pinoLogger({ level: logLevel, format: 'auto' });
  if (readOnly) await requireThere(resolve(path), options, wished);
  const folder = await (readOnly ? shareDataFolder : lockDataFolder)(resolve(path));
  const project = await projectIn(folder.path, options, wished).catch(async (error: unknown) => {
    await folder.release();
    throw error;
  });
  const projects = {
    get: (wanted: string): Project | undefined => (wanted === id ? project : undefined),
    list: () => [project],
    remove: async () => undefined,
  };
  const context = {
    folder: folder.path,
    clock: new SystemClock(),
    log,
    projects,
    hash: shaEntryHash,
    ciphers: new ConfiguredCiphers(process.cwd()),
    space: new FreeSpace(folder.path, undefined),
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
    const use = {
      changeEntry: new ChangeEntry(keyspaces),
      removeEntries: new RemoveEntries(keyspaces),
      runTransaction: new RunTransaction(keyspaces),
    };
    return new PortkvStore<T>(reading ?? (await keyspaces.of(id)), use, readOnly, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A store that is read only is neither made nor moved, which opening it for writes would do first. */
async function requireThere(folder: string, options: OpenOptions, wished: Project): Promise<void> {
  const { configured, deleted = true } = (await readPlacement(folder, wished.id)) ?? {};
  if (configured === undefined || deleted) {
    throw new AppError('unavailable', `${folder} has no store of project '${wished.id}' that could be read`);
  }
  const [there, asked] = [configured, requestedSpec((await projectAs(configured, options, wished)).storage)].map((it) =>
    JSON.stringify(it),
  );
  if (there === asked) return;
  const message = `Project '${wished.id}' in ${folder} is ${there}; to be read only, it is not moved to ${asked}`;
  throw new AppError('unavailable', message);
}

/** The project with what was left out as it is there. */
async function projectIn(folder: string, options: OpenOptions, wished: Project): Promise<Project> {
  const { configured } = (await readPlacement(folder, wished.id)) ?? {};
  return configured === undefined ? wished : projectAs(configured, options, wished);
}

async function projectAs(configured: StorageSpec, options: OpenOptions, wished: Project): Promise<Project> {
  const { engine = configured.engine, encryption = configured.encryption ?? null } = options;
  const before = engine === configured.engine ? configured.options : {};
  return projectOf(wished.id, { ...options, engine, options: options.options ?? before, encryption });
}

async function projectOf(id: string, { engine, options, encryption, limits, path }: OpenOptions): Promise<Project> {
  if (typeof path !== 'string' || path === '') throw new AppError('invalid', 'path: the data folder is missing');
  const given = Object.entries({ engine, options, encryption }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const storage = Object.fromEntries(given);
  return checkProject(id, { storage, ...(limits === undefined ? {} : { limits }) });
}
