import type { Logger } from '../../application/ports/logger.js';
import type { NewKey } from '../../application/ports/registry/projects.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { ConfigFile } from './config-file.js';
import { authenticationPath, valueAt } from './config-paths.js';
import type { Edit } from './json-editor.js';
import { type KeyHolder, keyHolders } from './key-holders.js';
import type { Settings } from './settings/settings.js';
import { storedKey } from './stored-project.js';

/** A key in plain text, to be shown once; `project` undefined: the system's. */
export interface ShownKey {
  readonly project: string | undefined;
  readonly secret: string;
}

interface Made extends KeyHolder {
  readonly made: NewKey;
}

/**
 * Makes a key wherever one is asked for and none is set, in the file and then in `settings`. Where the file cannot be changed, it makes none and
 * warns.
 */
export async function generateMissingKeys(
  settings: Settings,
  file: ConfigFile,
  hasher: Pick<SecretHasher, 'newKey'>,
  log: Logger,
): Promise<readonly ShownKey[]> {
  const missing = keyHolders(settings).filter(({ key }) => key.enabled && !key.api_key && !key.api_key_hash);
  const all: Made[] = [];
  for (const holder of missing) all.push({ ...holder, made: await hasher.newKey() });
  if (all.length === 0) return [];
  const put: Made[] = [];
  try {
    await file.change(
      (config) => {
        put.splice(0, put.length, ...all.filter(({ project }) => isMissing(config, project)));
        return put.flatMap((one) => editsFor(config, one));
      },
      () => {
        for (const { key, made } of put) Object.assign(key, storedKey(made, key.save_api_key_to_config));
      },
    );
  } catch (error) {
    const holders = all.map(({ project }) => (project === undefined ? 'the system' : `project '${project}'`));
    log.warn({}, `${(error as Error).message}: no key is made for ${holders.join(', ')}, and none opens it`);
    return [];
  }
  return put.map(({ project, made }) => ({ project, secret: made.secret }));
}

/** Whether nobody has put a key there since the file was read. */
function isMissing(config: unknown, project: string | undefined): boolean {
  const path = authenticationPath(config, project);
  return path !== undefined && !valueAt(config, [...path, 'api_key']) && !valueAt(config, [...path, 'api_key_hash']);
}

function editsFor(config: unknown, { project, key, made }: Made): Edit[] {
  const path = authenticationPath(config, project) ?? [];
  const members = storedKey(made, key.save_api_key_to_config);
  return Object.entries(members).map(([name, value]) => ({ path: [...path, name], value }));
}
