import { inject, injectable } from 'tsyringe';
import { Ciphers } from '../ports/cipher.js';
import { Keyspaces } from '../ports/keyspaces.js';
import { Projects } from '../ports/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import { ProjectTurns } from './project-turns.js';
import { requireKeys } from './require-keys.js';

/** Creates a project with an empty store and, unless its authentication is off, a key. */
@injectable()
export class CreateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(ProjectTurns) private readonly turns: ProjectTurns,
  ) {}

  /** The new key in plain text, for the only time; undefined where the project asks for none. */
  execute(id: string, settings: unknown): Promise<string | undefined> {
    return this.turns.run([id], () => this.#create(id, settings));
  }

  async #create(id: string, settings: unknown): Promise<string | undefined> {
    const project = await this.projects.check(id, settings);
    await requireKeys(this.ciphers, project);
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
