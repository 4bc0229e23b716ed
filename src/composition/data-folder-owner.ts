import { randomUUID } from 'node:crypto';
import type { Logger } from '../application/ports/logger.js';
import { AppError } from '../domain/errors.js';
import { engineOf, IN_MEMORY_ENGINE } from '../infrastructure/config/check-storage.js';
import type { ConfigFile } from '../infrastructure/config/config-file.js';
import type { LoadedConfig } from '../infrastructure/config/load-config.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { type DataFolder, lockDataFolder, withOwner } from '../infrastructure/storage/data-folder.js';
import {
  hasData,
  type Installation,
  readInstallation,
  writeInstallation,
} from '../infrastructure/storage/installation-file.js';

const ID_PATH = ['system', 'installation_id'];

/** A configuration, undefined if it is still to be written, and the data folder that it is to be used with. */
export interface Pair {
  readonly file: ConfigFile;
  readonly config: LoadedConfig | undefined;
  /** An absolute path. It may be missing. */
  readonly folder: string;
}

/**
 * Why the folder should not be used with the configuration, undefined if it may: it belongs to another one, or the
 * configuration has been used with data and the folder has none. Writes nothing.
 */
export async function ownerProblem(pair: Pair): Promise<AppError | undefined> {
  const { file, config, folder } = pair;
  const found = await readInstallation(folder);
  const id = config?.settings.system.installation_id;
  if (found !== undefined && found.installation_id === id) return undefined;
  if (found !== undefined && !found.pending) return belongsToAnother(pair, id, found);
  if (await hasData(folder)) {
    if (config !== undefined && id === undefined) return undefined;
    const why = config === undefined ? `${file.path} would be new` : `${file.path} has been used with another folder`;
    return new AppError(
      'invalid',
      `${folder} has data that does not name its configuration, and ${why}: name the right one with --config or ` +
        '--data, or take the data over with --adopt',
    );
  }
  return id !== undefined && keepsData(config?.settings) ? dataMissing(pair) : undefined;
}

/**
 * Takes the lock of the folder. Rejects if another process uses it or, unless it is to be adopted, with `ownerProblem`.
 * A folder without the data that it should have is not touched.
 */
export async function lockOwnFolder(pair: Pair, adopt: boolean): Promise<DataFolder> {
  const problem = adopt
    ? undefined
    : await ownerProblem(pair).catch((error: AppError) => withOwner(error, pair.folder));
  if (problem?.code === 'unavailable') throw problem;
  const held = await lockDataFolder(pair.folder);
  if (problem === undefined) return held;
  await held.release();
  throw problem;
}

/**
 * Writes the id of the configuration into the folder; if neither has one, or with `adopt`, a new one into both. If one
 * cannot be written, they are used without, with a warning; with `adopt` it rejects.
 */
export async function recordOwner(
  { file, folder }: Pair,
  settings: Settings,
  adopt: boolean,
  log: Logger,
): Promise<void> {
  try {
    const id = settings.system.installation_id;
    if (id === undefined) settings.system.installation_id = await newInstallation(file, folder);
    else await recordIn(folder, { installation_id: id, config: file.path });
  } catch (error) {
    if (adopt) throw error;
    const message = `${(error as Error).message}: so it is not noticed if another configuration uses ${folder}`;
    log.warn({}, message);
  }
}

/** Writes the record, if the folder has another one. */
export async function recordIn(folder: string, record: Installation): Promise<void> {
  const before = await readInstallation(folder).catch(() => undefined);
  const { installation_id, config, pending } = before ?? {};
  if (installation_id === record.installation_id && config === record.config && pending === undefined) return;
  await writeInstallation(folder, record);
}

/** First the folder, as pending, then the configuration: after a crash between them the next start goes on. */
async function newInstallation(file: ConfigFile, folder: string): Promise<string> {
  const before = await readInstallation(folder).catch(() => undefined);
  const id = before?.pending ? before.installation_id : randomUUID();
  const record = { installation_id: id, config: file.path };
  await writeInstallation(folder, { ...record, pending: true });
  try {
    await file.change(
      () => [{ path: ID_PATH, value: id }],
      () => undefined,
    );
  } catch (error) {
    await writeInstallation(folder, before?.pending ? undefined : before);
    throw error;
  }
  await writeInstallation(folder, record);
  return id;
}

function keepsData(settings: Settings | undefined): boolean {
  return settings?.projects.some(({ storage }) => engineOf(storage) !== IN_MEMORY_ENGINE) ?? false;
}

function belongsToAnother({ file, config, folder }: Pair, id: string | undefined, found: Installation): AppError {
  const own = id === undefined ? (config === undefined ? 'would be new' : 'has none') : `has ${id}`;
  return new AppError(
    'invalid',
    `${folder} belongs to ${found.config}, with the installation_id ${found.installation_id}, and ${file.path} ` +
      `${own}: name the right one with --config or --data, or take the data over with --adopt`,
  );
}

function dataMissing({ file, config, folder }: Pair): AppError {
  const own = config?.dataFolder ?? folder;
  const named = own === folder ? '' : ` (${own} by itself)`;
  return new AppError(
    'unavailable',
    `${folder} has no data, but ${file.path} has been used with some${named}: mount or put back the folder, name ` +
      'another one with --data, or begin again without data by --adopt',
  );
}
