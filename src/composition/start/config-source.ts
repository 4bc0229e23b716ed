import { dirname, resolve } from 'node:path';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { ConfigFile, valueAt } from '../../infrastructure/config/config-file.js';
import { RegistrySettings } from '../../infrastructure/config/settings/registry-settings.js';
import type { Documents } from '../../infrastructure/registry/documents.js';
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
  const documents = await documentsOf(file);
  if (documents === undefined) return file;
  const configured = valueAt(await file.read(), ['system', 'storage', 'persistent_file_path']);
  const folder = resolve(dirname(file.path), data === undefined ? String(configured ?? 'storage_data') : resolve(data));
  return new RegistryConfigFile(file.path, folder, documents, hasher);
}

/** The registry that the file names; undefined if it names none. Rejects with `invalid` or `unavailable`. */
export async function documentsOf(file: ConfigFile): Promise<Documents | undefined> {
  const registry = valueAt(await file.read(), ['system', 'registry']);
  if (registry === undefined) return undefined;
  const { value, problems, unknown } = checkSettings(RegistrySettings, registry, 'system.registry');
  problems.push(...unknown.map(unknownProblem));
  if (problems.length > 0) throw invalidSettings(file.path, problems);
  return openDocuments(value, file.path);
}
