import { dirname, resolve } from 'node:path';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { ConfigFile, valueAt } from '../../infrastructure/config/config-file.js';
import { RegistrySettings } from '../../infrastructure/config/settings/registry-settings.js';
import { RegistryConfigFile } from '../../infrastructure/registry/registry-config-file.js';
import { openDocuments } from '../../infrastructure/registry/stores/open-documents.js';
import { checkSettings, invalidSettings, unknownProblem } from '../../infrastructure/validation/check-settings.js';
import type { ServeOptions } from '../../interfaces/cli/actions.js';

/** The file with the configuration, or the registry that it names. Rejects with `invalid` or `unavailable`. */
export async function configSource(
  { config, data }: ServeOptions,
  hasher: Pick<SecretHasher, 'verify' | 'hash' | 'keyIdOf'>,
): Promise<ConfigFile> {
  const file = new ConfigFile(resolve(config));
  const own = await file.read();
  const registry = valueAt(own, ['system', 'registry']);
  if (registry === undefined) return file;
  const { value, problems, unknown } = checkSettings(RegistrySettings, registry, 'system.registry');
  problems.push(...unknown.map(unknownProblem));
  if (problems.length > 0) throw invalidSettings(file.path, problems);
  const configured = valueAt(own, ['system', 'storage', 'persistent_file_path']);
  const folder = resolve(dirname(file.path), data === undefined ? String(configured ?? 'storage_data') : resolve(data));
  return new RegistryConfigFile(file.path, folder, await openDocuments(value, file.path), hasher);
}
