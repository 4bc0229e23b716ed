import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { foldedId } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Ciphers } from '../ports/cipher.js';
import { ProjectStorages } from '../ports/project-storage.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import { ProjectMutex } from '../project-mutex.js';
import { type Existing, settingsAsRecorded } from './existing-data.js';
import { requireEncryptionKeys } from './require-encryption-keys.js';
import { requireOwnSettings } from './restricted-settings.js';
import { UnclaimedProjects } from './unclaimed-projects.js';

/**
 * Creates a project with an empty store, or with data that is there under its id, and, unless its authentication is
 * off, with a key.
 */
@injectable()
export class CreateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(ProjectMutex) private readonly mutex: ProjectMutex,
    @inject(ProjectStorages) private readonly storages: ProjectStorages,
    @inject(UnclaimedProjects) private readonly unclaimed: UnclaimedProjects,
  ) {}

  /**
   * Returns the new key in plain text, only this once; undefined if the project's authentication is off. Rejects with
   * `conflict` if there is data under the id and `existing` does not say what becomes of it, or if the id of another
   * project differs only in case.
   */
  async execute(
    caller: Identity,
    id: string,
    settings: Readonly<Record<string, unknown>>,
    existing?: Existing,
  ): Promise<string | undefined> {
    requireAccess(caller, rules.system, undefined);
    requireOwnSettings(caller, settings, this.projects);
    return this.mutex.run([foldedId(id)], () => this.#create(id, settings, existing));
  }

  async #create(id: string, given: unknown, existing: Existing | undefined): Promise<string | undefined> {
    // First of all, so that nothing is looked for under an id that no project can have.
    const checked = await this.projects.check(id, given);
    const storage = this.storages.of(id);
    const settings = existing === 'adopt' ? await settingsAsRecorded(given, storage) : given;
    const project = settings === given ? checked : await this.projects.check(id, settings);
    await requireEncryptionKeys(this.ciphers, project);
    const key = project.authentication.enabled ? await this.hasher.newKey() : undefined;
    if (existing === 'move-aside') await storage.moveAside(project);
    await this.keyspaces.create(project, existing === 'adopt');
    try {
      await this.projects.create(id, settings, key);
    } catch (error) {
      // Data that was there before stays.
      if (existing !== 'adopt' && this.projects.get(id) === undefined) await this.keyspaces.erase(id);
      throw error;
    }
    this.unclaimed.claim(id);
    return key?.secret;
  }
}
