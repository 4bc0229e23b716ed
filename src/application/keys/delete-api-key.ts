import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { requireWithin } from '../../domain/grant.js';
import { Credentials } from '../ports/credentials.js';
import { Projects } from '../ports/projects.js';
import { existing } from '../projects/existing.js';
import { furtherKey } from './further-key.js';

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
    const key = furtherKey(this.credentials, existing(this.projects, project).id, keyId, ADVICE);
    requireWithin(asker, key.prefix);
    await this.credentials.remove(key);
  }
}
