import { inject, injectable } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';

/** Replaces a project's primary key; the old one is dead at once. */
@injectable()
export class RegenerateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
  ) {}

  /** The new key in plain text, for the only time. */
  async execute(id: string): Promise<string> {
    if (!requireProject(this.projects, id).authentication.enabled) {
      throw new AppError('conflict', `Authentication is off for project '${id}', so it has no API key to regenerate`);
    }
    const key = await this.hasher.newKey();
    await this.credentials.replacePrimary(id, key);
    return key.secret;
  }
}
