import { inject, injectable } from 'tsyringe';
import type { Identity, SecondaryKey } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireGrant } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { KeyUsage } from '../ports/registry/key-usage.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import type { IssuedKey } from './create-api-key.js';
import { requireSecondaryKey } from './secondary-key.js';

/** Gives a secondary key a new secret; its id and its rights stay. */
@injectable()
export class RotateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(KeyUsage) private readonly usage: KeyUsage,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * The old secret works for another `grace` ms; an even older one fails at once. Rejects with `insufficient_scope` if
   * the key may do more than the caller, which receives its secret.
   */
  async execute(caller: Identity, project: string, keyId: string, grace: number): Promise<IssuedKey> {
    requireAccess(caller, rules.keys, project);
    const key = requireSecondaryKey(this.credentials, requireProject(this.projects, project).id, keyId, 'rotate');
    requireGrant(caller, key);
    const { secret, hash } = await this.hasher.newKey(key.keyId);
    const { previous: _, ...kept } = key;
    const previous = { hash: key.hash, until: this.clock.now() + grace };
    const next: SecondaryKey = { ...kept, hash, ...(grace > 0 ? { previous } : {}) };
    await this.credentials.replace(key, next);
    return { key: next, secret, lastUsedAt: this.usage.of(next).at };
  }
}
