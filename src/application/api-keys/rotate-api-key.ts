import { inject, injectable } from 'tsyringe';
import type { Identity, SecondaryKey } from '../../domain/api-key.js';
import { requireGrant } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import type { IssuedKey } from './create-api-key.js';
import { requireSecondaryKey } from './secondary-key.js';

const ADVICE = 'config/regenerate-api-key replaces it';

/** Gives a further key a new secret; its id and its rights stay. */
@injectable()
export class RotateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * The old secret works for another `grace` ms; one that is older still is dead at once. Rejects with `insufficient_scope` where
   * the key may do more than the asker, who would come to hold it.
   */
  async execute(project: string, keyId: string, grace: number, asker: Identity): Promise<IssuedKey> {
    const key = requireSecondaryKey(this.credentials, requireProject(this.projects, project).id, keyId, ADVICE);
    requireGrant(asker, key);
    const { secret, hash } = await this.hasher.newKey(key.keyId);
    const { previous: _, ...kept } = key;
    const previous = { hash: key.hash, until: this.clock.now() + grace };
    const next: SecondaryKey = { ...kept, hash, ...(grace > 0 ? { previous } : {}) };
    await this.credentials.replace(key, next);
    return { key: next, secret };
  }
}
