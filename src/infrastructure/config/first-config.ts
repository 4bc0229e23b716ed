import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { checkSettings } from '../validation/check-settings.js';
import type { ConfigFile } from './config-file.js';
import { ProjectEntry } from './settings/project-settings.js';
import { Settings } from './settings/settings.js';
import { projectFromSettings, storedKey, storedProject } from './stored-project.js';

/** The keys of a new configuration in plain text, to be shown once: only their hashes are stored. */
export interface FirstKeys {
  readonly system: string;
  readonly project: string;
  readonly projectId: string;
}

/**
 * Writes a first configuration with secure defaults, one project and new keys. `show` gets the keys before the file
 * has its name: if they cannot be shown, no configuration is left. `system` adds members to the settings of the system.
 * Rejects like `ConfigFile.create`.
 */
export async function writeFirstConfig(
  file: ConfigFile,
  hasher: Pick<SecretHasher, 'newKey'>,
  show: (keys: FirstKeys) => Promise<void> = async () => undefined,
  system: Readonly<Record<string, unknown>> = {},
): Promise<FirstKeys> {
  const projectId = 'first_project';
  const [systemKey, primary] = [await hasher.newKey(), await hasher.newKey()];
  const { version, server_port, server_host, system: defaults } = new Settings();
  const { enabled, save_api_key_to_config } = defaults.authentication;
  const project = projectFromSettings(
    checkSettings(ProjectEntry, { id: projectId, limits: { strict_json: true } }).value,
  );
  const keys = { system: systemKey.secret, project: primary.secret, projectId };
  const config = {
    version,
    server_port,
    server_host,
    system: {
      storage: defaults.storage,
      authentication: { enabled, save_api_key_to_config, ...storedKey(systemKey, false) },
      security: defaults.security,
      ...system,
    },
    projects: [storedProject(project, primary)],
  };
  await file.create(config, () => show(keys));
  return keys;
}
