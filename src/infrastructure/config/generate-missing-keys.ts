import type { Logger } from '../../application/ports/logger.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { NewKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { authenticationPath, type ConfigFile, valueAt } from './config-file.js';
import type { Edit } from './json/json-editor.js';
import { type KeyHolder, keyHolders, type Settings } from './settings/settings.js';
import { storedKey } from './stored-project.js';

/** A key in plain text, to be shown once; `project` is undefined for the system's. */
export interface ShownKey {
  readonly project: string | undefined;
  readonly secret: string;
}

interface GeneratedKey extends KeyHolder {
  readonly generated: NewKey;
}

/**
 * Generates a key for the system and for each project that needs one and has none, in the file and then in `settings`.
 * If the file cannot be changed, or `show` rejects, it generates none and logs a warning, or rejects with `invalid` if
 * no key gives access to anything.
 */
export async function generateMissingKeys(
  settings: Settings,
  file: ConfigFile,
  hasher: Pick<SecretHasher, 'newKey'>,
  show: (keys: readonly ShownKey[]) => Promise<void>,
  log: Logger,
): Promise<readonly ShownKey[]> {
  const withoutKey = keyHolders(settings).filter(({ key }) => key.enabled && !key.api_key && !key.api_key_hash);
  const generatedKeys: GeneratedKey[] = [];
  for (const holder of withoutKey) generatedKeys.push({ ...holder, generated: await hasher.newKey() });
  if (generatedKeys.length === 0) return [];
  try {
    return await writeAndShow(generatedKeys, file, show);
  } catch (error) {
    const holders = generatedKeys.map(({ project }) => (project === undefined ? 'the system' : `project '${project}'`));
    const reason = (error as Error).message;
    const message = `${reason}: no key is generated for ${holders.join(', ')}, so no key gives access`;
    if (!isUsable(settings))
      throw new AppError('invalid', `${message} to anything; make the file writable`, { cause: error });
    log.warn({}, message);
    return [];
  }
}

/** Keys that cannot be shown are taken out of the file again: they would lock everybody out. */
async function writeAndShow(
  generatedKeys: readonly GeneratedKey[],
  file: ConfigFile,
  show: (keys: readonly ShownKey[]) => Promise<void>,
): Promise<readonly ShownKey[]> {
  let written: readonly GeneratedKey[] = [];
  let undo: readonly Edit[] = [];
  const plan = (config: unknown): readonly Edit[] => {
    written = generatedKeys.filter(({ project }) => hasNoKey(config, project));
    const edits = written.flatMap((key) => editsFor(config, key));
    undo = edits.map(({ path }) => ({ path, value: valueAt(config, path) }));
    return edits;
  };
  const nothing = () => undefined;
  await file.change(plan, nothing);
  const shown = written.map(({ project, generated }) => ({ project, secret: generated.secret }));
  if (shown.length === 0) return [];
  try {
    await show(shown);
  } catch (error) {
    await file.change(() => undo, nothing);
    throw error;
  }
  for (const { key, generated } of written) Object.assign(key, storedKey(generated, key.save_api_key_to_config));
  return shown;
}

function isUsable(settings: Settings): boolean {
  const primary = keyHolders(settings).some(({ key }) => !key.enabled || key.api_key || key.api_key_hash);
  return primary || settings.projects.some(({ api_keys = [] }) => api_keys.length > 0);
}

/** False if a key was set by hand after the file was read. */
function hasNoKey(config: unknown, project: string | undefined): boolean {
  const path = authenticationPath(config, project);
  return path !== undefined && !valueAt(config, [...path, 'api_key']) && !valueAt(config, [...path, 'api_key_hash']);
}

function editsFor(config: unknown, { project, key, generated }: GeneratedKey): Edit[] {
  const path = authenticationPath(config, project) ?? [];
  const members = storedKey(generated, key.save_api_key_to_config);
  return Object.entries(members).map(([name, value]) => ({ path: [...path, name], value }));
}
