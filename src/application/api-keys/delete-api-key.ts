import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { requireWithin } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { requireSecondaryKey } from './secondary-key.js';

const ADVICE = 'it cannot be deleted, only replaced by config/regenerate-api-key';

/** Deletes a further key; it is dead from then on. */
@injectable()
export class DeleteApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
  ) {}

  /** Who is confined to a prefix may delete only keys within it; else `insufficient_scope`. */
  async execute(project: string, keyId: string, asker: Identity): Promise<void> {
    const key = requireSecondaryKey(this.credentials, requireProject(this.projects, project).id, keyId, ADVICE);
    requireWithin(asker, key.prefix);
    await this.credentials.remove(key);
  }
}
