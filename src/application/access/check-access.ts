import { inject, injectable } from 'tsyringe';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import type { Awaitable } from '../awaitable.js';
import { Clock } from '../ports/clock.js';
import { Logger } from '../ports/logger.js';
import { Credentials } from '../ports/registry/credentials.js';
import { KeyUsage } from '../ports/registry/key-usage.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import { type AccessRule, authorize, unauthenticated } from './authorize.js';
import { CredentialCache } from './credential-cache.js';
import { FailedKeyLimiter } from './failed-key-limiter.js';

const MAX_SECRET_LENGTH = 1024;

/** Tells who presents a secret, and lets only those through whom the route's rule allows. */
@injectable()
export class CheckAccess {
  readonly #secrets: CredentialCache;
  readonly #budget: FailedKeyLimiter;
  readonly #running = new Map<string, Promise<Identity | undefined>>();

  constructor(
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) clock: Clock,
    @inject(Logger) logger: Logger,
    @inject(KeyUsage) uses: KeyUsage,
  ) {
    this.#budget = new FailedKeyLimiter(clock);
    this.#secrets = new CredentialCache(credentials, hasher, clock, logger, uses);
  }

  /**
   * At once, and throwing at once, for a secret that was verified before. `project` is the one in the route's path, `address` is
   * asked only for a secret that was not. Throws `unauthenticated`, `insufficient_scope`, or `rate_limited` when too many secrets
   * wait to be verified, or too many from this address were wrong.
   */
  execute(
    secret: string | undefined,
    rule: AccessRule,
    project: string | undefined,
    address: () => string,
  ): Awaitable<Identity> {
    const anonymous = this.#withoutKey(secret, rule, project);
    if (anonymous !== undefined && !this.#isSystems(secret, rule)) return anonymous;
    if (!secret || secret.length > MAX_SECRET_LENGTH) throw unauthenticated();
    if (!secret.startsWith('pkv_')) return this.#ofOwners(secret, rule, project, address);

    const name = this.hasher.fingerprint(secret);
    const known = this.#secrets.get(name);
    if (known !== undefined) return admit(known, rule, project);
    const keyId = this.hasher.keyIdOf(secret);
    if (keyId === undefined) throw unauthenticated();
    const credential = this.credentials.byKeyId(keyId);
    if (credential === undefined) return this.#unknown();
    const verified = this.#shared(name, () =>
      this.#budget.attempt(address(), { keyId }, () => this.#secrets.verify(name, secret, credential)),
    );
    return verified.then((identity) => admit(identity, rule, project));
  }

  /** Whether a route that needs no key is shown the system key all the same, which may do more there than anybody. */
  #isSystems(secret: string | undefined, rule: AccessRule): boolean {
    if (rule.allow !== 'project' || !rule.orSystem || !secret || secret.length > MAX_SECRET_LENGTH) return false;
    const keyId = this.hasher.keyIdOf(secret);
    const credential = keyId === undefined ? undefined : this.credentials.byKeyId(keyId);
    return credential !== undefined && credential.project === undefined;
  }

  #withoutKey(secret: string | undefined, rule: AccessRule, project: string | undefined): Identity | undefined {
    if (rule.allow === 'project' && !this.credentials.required(project)) return anonymousOf(project);
    const systemMay = rule.allow === 'system' || (rule.allow === 'any' ? !secret : rule.orSystem);
    return systemMay && !this.credentials.required(undefined) ? anonymousOf(undefined) : undefined;
  }

  /** It must not tell by its time which ids there are; and those that are made up must not cost a hash each. */
  async #unknown(): Promise<Identity> {
    await this.hasher.verifyDummy();
    throw unauthenticated();
  }

  /** A secret without an id is looked for only where the route says whose it may be. */
  #ofOwners(secret: string, rule: AccessRule, project: string | undefined, address: () => string): Awaitable<Identity> {
    const owners = rule.allow !== 'project' ? [undefined] : rule.orSystem ? [project, undefined] : [project];
    // No project id holds a space, and nothing that begins with `pkv_` comes here: no two secrets share a name.
    const named = owners.map((owner) => ({ owner, name: this.hasher.fingerprint(`${owner ?? ''} ${secret}`) }));
    for (const { name } of named) {
      const known = this.#secrets.get(name);
      if (known !== undefined) return admit(known, rule, project);
    }
    const owner = project?.slice(0, 65) ?? '';
    const verified = this.#shared(named.map(({ name }) => name).join(), () =>
      this.#budget.attempt(address(), { owner }, () => this.#verifyEach(secret, named)),
    );
    return verified.then((identity) => admit(identity, rule, project));
  }

  /** Many who come together with one secret, as clients do after a restart, wait for one verification. */
  #shared(name: string, verify: () => Promise<Identity | undefined>): Promise<Identity | undefined> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const started = verify().finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  async #verifyEach(secret: string, named: readonly { owner: string | undefined; name: string }[]) {
    for (const { owner, name } of named) {
      const identity = await this.#secrets.verify(name, secret, this.credentials.primaryOf(owner));
      if (identity !== undefined) return identity;
    }
    return undefined;
  }
}

function admit(identity: Identity | undefined, rule: AccessRule, project: string | undefined): Identity {
  if (identity === undefined) throw unauthenticated();
  authorize(identity, rule, project);
  return identity;
}
