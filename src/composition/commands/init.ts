import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { ConfigFile } from '../../infrastructure/config/config-file.js';
import { type FirstKeys, writeFirstConfig } from '../../infrastructure/config/first-config.js';
import { Argon2Hasher } from '../../infrastructure/security/argon2-hasher.js';
import { lockDataFolder } from '../../infrastructure/storage/data-folder.js';
import type { InitOptions } from '../../interfaces/cli/actions.js';
import { ownerProblem, recordIn } from '../data-folder-owner.js';
import { firstKeysText, printKeys } from '../show-keys.js';
import { runAsOwner } from './run-as-owner.js';

/**
 * Writes a first configuration and prints its keys. Rejects with `invalid`, and changes nothing, if it exists, or if
 * its data folder belongs to another one and is not to be adopted.
 */
export async function init({ config, data, adopt = false, json }: InitOptions): Promise<void> {
  await runAsOwner({ config, ...(data === undefined ? {} : { data }) }, (line) => console.error(line));
  const file = new ConfigFile(resolve(config));
  if (await exists(file.path)) throw new AppError('invalid', `${file.path} exists already; it was not changed`);
  const folder = data === undefined ? join(dirname(file.path), 'storage_data') : resolve(data);
  const storage = data === undefined ? {} : { storage: { persistent_file_path: pathFrom(file.path, folder) } };
  const problem = await ownerProblem({ file, config: undefined, folder });
  const show = (keys: FirstKeys) => printKeys(json ? keysJson(keys, file.path) : firstKeysText(keys));
  if (problem === undefined) await writeFirstConfig(file, new Argon2Hasher(), show, storage);
  else if (adopt) await writeAndAdopt(file, storage, folder, show);
  else throw problem;
  (json ? console.error : console.log)(`Wrote ${file.path}`);
}

async function writeAndAdopt(
  file: ConfigFile,
  storage: Readonly<Record<string, unknown>>,
  folder: string,
  show: (keys: FirstKeys) => Promise<void>,
): Promise<void> {
  const held = await lockDataFolder(folder);
  try {
    const id = randomUUID();
    await writeFirstConfig(file, new Argon2Hasher(), show, { ...storage, installation_id: id });
    await recordIn(folder, { installation_id: id, config: file.path });
  } finally {
    await held.release();
  }
}

function keysJson({ system, project, projectId }: FirstKeys, config: string): string {
  return `${JSON.stringify({ config, system_key: system, project: projectId, project_key: project })}\n`;
}

/** Relative to the folder of the configuration if it is below that. */
function pathFrom(config: string, folder: string): string {
  const path = relative(dirname(config), folder);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? folder : path;
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
