import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { checkSettings } from '../validation/check-settings.js';
import type { ConfigFile } from './config-file.js';
import { ProjectEntry } from './settings/project-settings.js';
import { Settings } from './settings/settings.js';
import { projectOf, storedKey, storedProject } from './stored-project.js';

/** The keys of a new configuration in plain text, to be shown once: they are stored as hashes only. */
export interface FirstKeys {
  readonly system: string;
  readonly project: string;
  /** The id of the project. */
  readonly projectId: string;
}

/** Writes a first configuration with secure defaults, one project and fresh keys. Rejects as `ConfigFile.create` does. */
export async function writeFirstConfig(file: ConfigFile, hasher: Pick<SecretHasher, 'newKey'>): Promise<FirstKeys> {
  const projectId = 'first_project';
  const [system, primary] = [await hasher.newKey(), await hasher.newKey()];
  const { version, server_port, server_host, system: defaults } = new Settings();
  const { enabled, save_api_key_to_config } = defaults.authentication;
  const project = projectOf(checkSettings(ProjectEntry, { id: projectId }).value);
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
