import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { AppError } from '../domain/errors.js';
import { ConfigFile } from '../infrastructure/config/config-file.js';
import { writeFirstConfig } from '../infrastructure/config/first-config.js';
import { Argon2Hasher } from '../infrastructure/security/argon2-hasher.js';
import type { InitOptions } from '../interfaces/cli/actions.js';
import { firstKeysText, printKeys } from './show-keys.js';

/** Writes a first configuration and prints its keys. Rejects with `invalid`, and changes nothing, if it exists. */
export async function init({ config, data }: InitOptions): Promise<void> {
  const file = new ConfigFile(resolve(config));
  if (await exists(file.path)) throw new AppError('invalid', `${file.path} exists already; it was not changed`);
  const storage = data === undefined ? {} : { storage: { persistent_file_path: pathFrom(file.path, resolve(data)) } };
  await writeFirstConfig(file, new Argon2Hasher(), (keys) => printKeys(firstKeysText(keys)), storage);
  console.log(`Wrote ${file.path}`);
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
