import { inject, injectable } from 'tsyringe';
import { type Identity, SCOPES, type Scope, type SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { requireGrant } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import { ProjectMutex } from '../project-mutex.js';

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly prefix: string | undefined;
  /** In ms. */
  readonly expiresIn: number | undefined;
}

/** A key with its secret in plain text, for the only time. */
export interface IssuedKey {
  readonly key: SecondaryKey;
  readonly secret: string;
}

/** Makes a further key for a project. */
@injectable()
export class CreateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) private readonly clock: Clock,
    @inject(ProjectMutex) private readonly turns: ProjectMutex,
  ) {}

  /**
   * Rejects with `insufficient_scope` where the giver would hand out more than it holds. In turn with those that delete the project,
   * lest the key outlives it and opens the next one of that name.
   */
  execute(id: string, wanted: NewApiKey, giver: Identity): Promise<IssuedKey> {
    return this.turns.run([id], () => this.#create(id, wanted, giver));
  }

  async #create(id: string, { name, scopes, prefix, expiresIn }: NewApiKey, giver: Identity): Promise<IssuedKey> {
    const project = requireProject(this.projects, id);
    const createdAt = this.clock.now();
    const grant = {
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      ...(prefix === undefined ? {} : { prefix }),
      ...(expiresIn === undefined ? {} : { expiresAt: createdAt + expiresIn }),
    };
    requireGrant(giver, grant);
    if (!project.authentication.enabled) {
      throw new AppError('conflict', `Authentication is off for project '${id}', so a key would open nothing more`);
    }
    const { keyId, secret, hash } = await this.hasher.newKey();
    const key: SecondaryKey = { keyId, project: id, primary: false, hash, name, createdAt, ...grant };
    await this.credentials.add(key);
    return { key, secret };
  }
}
