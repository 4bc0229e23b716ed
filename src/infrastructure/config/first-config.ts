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

/** Writes a first configuration with secure defaults, one project and new keys. Rejects like `ConfigFile.create`. */
export async function writeFirstConfig(file: ConfigFile, hasher: Pick<SecretHasher, 'newKey'>): Promise<FirstKeys> {
  const projectId = 'first_project';
  const [system, primary] = [await hasher.newKey(), await hasher.newKey()];
  const { version, server_port, server_host, system: defaults } = new Settings();
  const { enabled, save_api_key_to_config } = defaults.authentication;
  const project = projectFromSettings(
    checkSettings(ProjectEntry, { id: projectId, limits: { strict_json: true } }).value,
  );
  await file.create({
    version,
    server_port,
    server_host,
    system: {
      storage: defaults.storage,
      authentication: { enabled, save_api_key_to_config, ...storedKey(system, false) },
      security: defaults.security,
    },
    projects: [storedProject(project, primary)],
  });
  return { system: system.secret, project: primary.secret, projectId };
}
