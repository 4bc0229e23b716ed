import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Ciphers } from '../ports/cipher.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import { ProjectMutex } from '../project-mutex.js';
import { requireEncryptionKeys } from './require-encryption-keys.js';
import { requireOwnSettings } from './restricted-settings.js';

/** Creates a project with an empty store and, unless its authentication is off, a key. */
@injectable()
export class CreateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(ProjectMutex) private readonly mutex: ProjectMutex,
  ) {}

  /** Returns the new key in plain text, only this once; undefined if the project's authentication is off. */
  async execute(
    caller: Identity,
    id: string,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<string | undefined> {
    requireAccess(caller, rules.system, undefined);
    requireOwnSettings(caller, settings, this.projects);
    return this.mutex.run([id], () => this.#create(id, settings));
  }

  async #create(id: string, settings: unknown): Promise<string | undefined> {
    const project = await this.projects.check(id, settings);
    await requireEncryptionKeys(this.ciphers, project);
    const key = project.authentication.enabled ? await this.hasher.newKey() : undefined;
    await this.keyspaces.create(project);
    try {
      await this.projects.create(id, settings, key);
    } catch (error) {
      if (this.projects.get(id) === undefined) await this.keyspaces.erase(id);
      throw error;
    }
    return key?.secret;
  }
}
