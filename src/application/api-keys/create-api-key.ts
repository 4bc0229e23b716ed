import { inject, injectable } from 'tsyringe';
import {
  type Identity,
  isKeyName,
  KEY_NAME_RULE,
  SCOPES,
  type Scope,
  type SecondaryKey,
} from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { keyProblem } from '../../domain/key.js';
import { foldedId } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
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

/** A key with its secret in plain text, shown only once. */
export interface IssuedKey {
  readonly key: SecondaryKey;
  readonly secret: string;
  /** In ms since 1970; undefined if it was never used. */
  readonly lastUsedAt: number | undefined;
}

/** Makes a secondary key for a project. */
@injectable()
export class CreateApiKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) private readonly clock: Clock,
    @inject(ProjectMutex) private readonly mutex: ProjectMutex,
  ) {}

  /**
   * Rejects with `insufficient_scope` if the caller would grant more than it has. Waits while the project is being
   * deleted: otherwise the key would outlive it and be valid for the next project of that name.
   */
  async execute(caller: Identity, id: string, wanted: NewApiKey): Promise<IssuedKey> {
    requireAccess(caller, rules.keys, id);
    requireValidName(wanted);
    return this.mutex.run([foldedId(id)], () => this.#create(caller, id, wanted));
  }

  async #create(caller: Identity, id: string, { name, scopes, prefix, expiresIn }: NewApiKey): Promise<IssuedKey> {
    const project = requireProject(this.projects, id);
    const createdAt = this.clock.now();
    const grant = {
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      ...(prefix === undefined ? {} : { prefix }),
      ...(expiresIn === undefined ? {} : { expiresAt: createdAt + expiresIn }),
    };
    requireGrant(caller, grant);
    if (!project.authentication.enabled) {
      throw new AppError('conflict', `Authentication is off for project '${id}', so a key would open nothing more`);
    }
    const { keyId, secret, hash } = await this.hasher.newKey();
    const key: SecondaryKey = { keyId, project: id, primary: false, hash, name, createdAt, ...grant };
    await this.credentials.add(key);
    return { key, secret, lastUsedAt: undefined };
  }
}

/** Throws `invalid` for a name or a prefix that a key cannot have. */
function requireValidName({ name, prefix }: NewApiKey): void {
  if (!isKeyName(name)) throw invalid('name', `must be ${KEY_NAME_RULE}`);
  const problem = prefix === undefined ? undefined : keyProblem(prefix);
  if (problem !== undefined) throw invalid('prefix', problem);
}

function invalid(path: string, why: string): AppError {
  return new AppError('invalid', `${path}: ${why}`, { details: { path } });
}
