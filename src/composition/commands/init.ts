import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { ConfigFile } from '../../infrastructure/config/config-file.js';
import { writeFirstConfig } from '../../infrastructure/config/first-config.js';
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
export async function init({ config, data, adopt = false }: InitOptions): Promise<void> {
  await runAsOwner({ config, ...(data === undefined ? {} : { data }) }, (line) => console.error(line));
  const file = new ConfigFile(resolve(config));
  if (await exists(file.path)) throw new AppError('invalid', `${file.path} exists already; it was not changed`);
  const folder = data === undefined ? join(dirname(file.path), 'storage_data') : resolve(data);
  const storage = data === undefined ? {} : { storage: { persistent_file_path: pathFrom(file.path, folder) } };
  const problem = await ownerProblem({ file, config: undefined, folder });
  if (problem === undefined) await write(file, storage);
  else if (adopt) await writeAndAdopt(file, storage, folder);
  else throw problem;
  console.log(`Wrote ${file.path}`);
}

async function writeAndAdopt(
  file: ConfigFile,
  storage: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<void> {
  const held = await lockDataFolder(folder);
  try {
    const id = randomUUID();
    await write(file, { ...storage, installation_id: id });
    await recordIn(folder, { installation_id: id, config: file.path });
  } finally {
    await held.release();
  }
}

async function write(file: ConfigFile, system: Readonly<Record<string, unknown>>): Promise<void> {
  await writeFirstConfig(file, new Argon2Hasher(), (keys) => printKeys(firstKeysText(keys)), system);
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
