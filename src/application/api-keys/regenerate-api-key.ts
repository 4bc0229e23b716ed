import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';

/** Replaces a project's primary key; the old one fails at once. */
@injectable()
export class RegenerateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
  ) {}

  /** Returns the new key in plain text, only this once. */
  async execute(caller: Identity, id: string): Promise<string> {
    requireAccess(caller, rules.system, id);
    if (!requireProject(this.projects, id).authentication.enabled) {
      throw new AppError('conflict', `Authentication is off for project '${id}', so it has no API key to regenerate`);
    }
    const key = await this.hasher.newKey();
    await this.credentials.replacePrimary(id, key);
    return key.secret;
  }
}
