import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { authenticationPath, type ConfigFile, valueAt } from './config-file.js';
import type { Edit } from './json/json-editor.js';
import type { AuthenticationSettings } from './settings/key-settings.js';
import { type KeyHolder, keyHolders, type Settings } from './settings/settings.js';

type Hasher = Pick<SecretHasher, 'verify' | 'hash' | 'isOutdated' | 'keyIdOf'>;

export interface HashedKey extends KeyHolder {
  /** The plain key that the file held when it was read. */
  readonly secret: string;
}

/**
 * Hashes every key that was set by hand, in `settings` and then in the file, and removes its plain text unless the
 * settings keep it. If a plain key does not match the hash beside it, it was changed by hand, and its hash replaces the
 * other. Returns warnings for the operator.
 */
export async function hashPlainKeys(settings: Settings, file: ConfigFile, hasher: Hasher): Promise<string[]> {
  return storeHashes(await hashesOf(settings, hasher), file);
}

/** The first half: hashes the plain keys in `settings`. */
export async function hashesOf(settings: Settings, hasher: Hasher): Promise<readonly HashedKey[]> {
  const hashed: HashedKey[] = [];
  for (const { project, key } of keyHolders(settings)) {
    const secret = key.api_key;
    if (secret && (await hashKey(key, hasher))) hashed.push({ project, key, secret });
  }
  return hashed;
}

/** The second half: stores the hashes in the file. Returns warnings for the operator. */
export async function storeHashes(hashed: readonly HashedKey[], file: ConfigFile): Promise<string[]> {
  if (hashed.length === 0) return [];
  try {
    await file.change(
      (config) => hashed.flatMap((key) => editsFor(config, key)),
      () => undefined,
    );
    return [];
  } catch (error) {
    return [`${(error as Error).message}: keys set by hand work, but stay there in plain text without their hash`];
  }
}

/** Whether the file has to change. */
async function hashKey(key: AuthenticationSettings, hasher: Hasher): Promise<boolean> {
  const { api_key: secret, api_key_hash: hash } = key;
  if (!secret) return false;
  const keyId = hasher.keyIdOf(secret) ?? null;
  const matches = !!hash && !hasher.isOutdated(hash) && (await hasher.verify(secret, hash));
  if (matches && key.save_api_key_to_config && keyId === (key.api_key_id ?? null)) return false;
  if (!matches) key.api_key_hash = await hasher.hash(secret);
  key.api_key_id = keyId;
  if (!key.save_api_key_to_config) key.api_key = null;
  return true;
}

/** None if the plain key in the file is another by now. */
function editsFor(config: unknown, { project, key, secret }: HashedKey): Edit[] {
  const path = authenticationPath(config, project);
  if (path === undefined || valueAt(config, [...path, 'api_key']) !== secret) return [];
  const members = { api_key: key.api_key, api_key_id: key.api_key_id, api_key_hash: key.api_key_hash };
  return Object.entries(members)
    .filter(([name, value]) => (valueAt(config, [...path, name]) ?? null) !== value)
    .map(([name, value]) => ({ path: [...path, name], value }));
}
