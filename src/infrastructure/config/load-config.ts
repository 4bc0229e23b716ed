import { dirname, resolve } from 'node:path';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { type CheckedConfig, checkConfig } from './check-config.js';
import type { Engines } from './check-storage.js';
import type { ConfigFile } from './config-file.js';

/** A configuration that holds. */
export interface LoadedConfig extends CheckedConfig {
  /** The data folder, absolute. */
  readonly dataFolder: string;
}

/**
 * Reads and checks the file and changes nothing; undefined where there is none. Rejects with `invalid`, whose
 * `details.errors` names every mistake with its path, or with `unavailable`.
 */
export async function loadConfig(
  file: ConfigFile,
  engines: Engines,
  hasher: Pick<SecretHasher, 'keyIdOf'>,
): Promise<LoadedConfig | undefined> {
  const config = await file.read();
  if (config === undefined) return undefined;
  const checked = await checkConfig(config, file.path, engines, hasher);
  const dataFolder = resolve(dirname(file.path), checked.settings.system.storage.persistent_file_path);
  return { ...checked, dataFolder };
}
