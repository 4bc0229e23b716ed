import { dirname, resolve } from 'node:path';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { AppError } from '../../domain/errors.js';
import { invalidSettings, type Problem } from '../validation/check-settings.js';
import { checkConfig } from './check-config.js';
import type { ConfigFile } from './config-file.js';
import { placeOfMember } from './json/member-place.js';
import type { Settings } from './settings/settings.js';

/** A valid configuration. */
export interface LoadedConfig {
  readonly settings: Settings;
  /** The data folder, absolute. */
  readonly dataFolder: string;
}

/**
 * Reads and checks the file and changes nothing; undefined if there is none. Rejects with `invalid`, whose
 * `details.errors` has every mistake with its path, or with `unavailable`.
 */
export async function loadConfig(
  file: ConfigFile,
  hasher: Pick<SecretHasher, 'keyIdOf'>,
): Promise<LoadedConfig | undefined> {
  const config = await file.read();
  if (config === undefined) return undefined;
  return loadedConfig(config, file, hasher);
}

/** Checks what was read from the file. */
export async function loadedConfig(
  config: unknown,
  file: ConfigFile,
  hasher: Pick<SecretHasher, 'keyIdOf'>,
): Promise<LoadedConfig> {
  const settings = await checkConfig(config, file.path, hasher).catch(async (error: unknown) => {
    throw await withPlaces(error, file);
  });
  return { settings, dataFolder: resolve(dirname(file.path), settings.system.storage.persistent_file_path) };
}

/** Adds line and column to each mistake: people edit the file. */
async function withPlaces(error: unknown, file: ConfigFile): Promise<unknown> {
  if (!(error instanceof AppError) || !Array.isArray(error.details?.errors)) return error;
  const text = await file.text();
  if (text === undefined) return error;
  const problems = (error.details.errors as readonly Problem[]).map((problem) => {
    const place = placeOfMember(text, problem.path);
    return place === undefined ? problem : { ...problem, place };
  });
  return invalidSettings(file.path, problems);
}
