import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireWithin } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { requireSecondaryKey } from './secondary-key.js';

/** Deletes a secondary key, which fails from then on. */
@injectable()
export class DeleteApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
  ) {}

  /** Rejects with `insufficient_scope` if the key reaches beyond the caller's prefix. */
  async execute(caller: Identity, project: string, keyId: string): Promise<void> {
    requireAccess(caller, rules.keys, project);
    const key = requireSecondaryKey(this.credentials, requireProject(this.projects, project).id, keyId, 'delete');
    requireWithin(caller, key.prefix);
    await this.credentials.remove(key);
  }
}
