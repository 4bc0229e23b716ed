import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { ConfigFile } from './config-file.js';
import { authenticationPath, valueAt } from './config-paths.js';
import type { Edit } from './json-editor.js';
import { type KeyHolder, keyHolders } from './key-holders.js';
import type { AuthenticationSettings } from './settings/key-settings.js';
import type { Settings } from './settings/settings.js';

type Hasher = Pick<SecretHasher, 'verify' | 'hash' | 'isOutdated' | 'keyIdOf'>;

interface Adopted extends KeyHolder {
  /** The plain key as it was found. */
  readonly secret: string;
}

/**
 * Gives every key that was set by hand its hash, in `settings` and then in the file, where the plain text goes unless it is to stay.
 * A plain key that does not match the hash beside it was changed by hand and wins. Answers what the operator should know.
 */
export async function hashPlainKeys(settings: Settings, file: ConfigFile, hasher: Hasher): Promise<string[]> {
  const adopted: Adopted[] = [];
  for (const { project, key } of keyHolders(settings)) {
    const secret = key.api_key;
    if (secret && (await adopt(key, hasher))) adopted.push({ project, key, secret });
  }
  if (adopted.length === 0) return [];
  try {
    await file.change(
      (config) => adopted.flatMap((one) => editsFor(config, one)),
      () => undefined,
    );
    return [];
  } catch (error) {
    return [`${(error as Error).message}: keys set by hand work, but stay there in plain text without their hash`];
  }
}

/** Whether the file has to change. */
async function adopt(key: AuthenticationSettings, hasher: Hasher): Promise<boolean> {
  const { api_key: secret, api_key_hash: hash } = key;
  if (!secret) return false;
  const keyId = hasher.keyIdOf(secret) ?? null;
  const good = !!hash && !hasher.isOutdated(hash) && (await hasher.verify(secret, hash));
  if (good && key.save_api_key_to_config && keyId === (key.api_key_id ?? null)) return false;
  if (!good) key.api_key_hash = await hasher.hash(secret);
  key.api_key_id = keyId;
  if (!key.save_api_key_to_config) key.api_key = null;
  return true;
}

function editsFor(config: unknown, { project, key, secret }: Adopted): Edit[] {
  const path = authenticationPath(config, project);
  if (path === undefined || valueAt(config, [...path, 'api_key']) !== secret) return [];
  const members = { api_key: key.api_key, api_key_id: key.api_key_id, api_key_hash: key.api_key_hash };
  return Object.entries(members)
    .filter(([name, value]) => (valueAt(config, [...path, name]) ?? null) !== value)
    .map(([name, value]) => ({ path: [...path, name], value }));
}
