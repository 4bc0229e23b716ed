import { inject, Lifecycle, scoped } from 'tsyringe';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import type { Awaitable } from '../awaitable.js';
import { Clock } from '../ports/clock.js';
import { Logger } from '../ports/logger.js';
import { Credentials } from '../ports/registry/credentials.js';
import { KeyUsage } from '../ports/registry/key-usage.js';
import { RatesElsewhere } from '../ports/registry/rates-elsewhere.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import type { AccessRule } from './access-rules.js';
import { authorize, unauthenticated } from './authorize.js';
import { CredentialCache } from './credential-cache.js';
import { FailedKeyLimiter } from './failed-key-limiter.js';

const MAX_SECRET_LENGTH = 1024;

/** An owner that a secret without an id may have, with the fingerprint of both. */
interface Candidate {
  readonly owner: string | undefined;
  readonly fingerprint: string;
}

/** Finds the identity of a secret, and refuses it if the rule does not allow it. */
@scoped(Lifecycle.ContainerScoped)
export class CheckAccess {
  readonly #cache: CredentialCache;
  readonly #limiter: FailedKeyLimiter;
  readonly #running = new Map<string, Promise<Identity | undefined>>();

  constructor(
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) clock: Clock,
    @inject(Logger) logger: Logger,
    @inject(KeyUsage) usage: KeyUsage,
    @inject(RatesElsewhere) elsewhere: RatesElsewhere,
  ) {
    this.#limiter = new FailedKeyLimiter(clock, elsewhere);
    this.#cache = new CredentialCache(credentials, hasher, clock, logger, usage);
  }

  /**
   * Synchronous for a secret that was verified before, also if it throws. `project` is the one that the request is
   * about; `address` is called only for a secret that has to be verified; `previous` is whom the same secret proved
   * for the same rule and project, if that is known, which saves looking it up. Throws `unauthenticated`;
   * `insufficient_scope`, but only for a secret that was verified; `rate_limited` if too many secrets wait to be
   * verified or too many from this address were wrong; `unavailable` if the keys may be out of date.
   */
  execute(
    secret: string | undefined,
    rule: AccessRule,
    project: string | undefined,
    address: () => string,
    previous?: Identity,
  ): Awaitable<Identity> {
    if (secret || rule.allow !== 'any') this.credentials.requireCurrent();
    const anonymous = this.#anonymousAccess(secret, rule, project);
    if (anonymous !== undefined && !this.#isSystemKey(secret, rule)) return anonymous;
    if (!secret || secret.length > MAX_SECRET_LENGTH) throw unauthenticated();
    if (previous !== undefined && this.#cache.isCurrent(previous)) return admit(previous, rule, project);
    if (!secret.startsWith('pkv_')) return this.#verifyWithoutId(secret, rule, project, address);

    const fingerprint = this.hasher.fingerprint(secret);
    const known = this.#cache.get(fingerprint);
    if (known !== undefined) return admit(known, rule, project);
    const keyId = this.hasher.keyIdOf(secret);
    if (keyId === undefined) throw unauthenticated();
    const credential = this.credentials.byKeyId(keyId);
    if (credential === undefined) return this.#rejectUnknownId();
    const verified = this.#verifyOnce(fingerprint, () =>
      this.#limiter.attempt(address(), { keyId }, () => this.#cache.verify(fingerprint, secret, credential)),
    );
    return verified.then((identity) => admit(identity, rule, project));
  }

  /**
   * Several secrets of one request, in the order in which they should be tried: first those in the form of a generated
   * key, then those that were verified before, so that what another server asks for costs no hash and no failure.
   */
  inOrder(secrets: readonly string[], rule: AccessRule, project: string | undefined): readonly string[] {
    const rank = (secret: string) => {
      if (this.hasher.keyIdOf(secret) !== undefined) return 0;
      const candidates = this.#candidates(secret, rule, project);
      return candidates.some(({ fingerprint }) => this.#cache.get(fingerprint) !== undefined) ? 1 : 2;
    };
    return secrets
      .map((secret) => ({ secret, rank: rank(secret) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ secret }) => secret);
  }

  /** Whether a request that needs no key has the system key, which may do more there. */
  #isSystemKey(secret: string | undefined, rule: AccessRule): boolean {
    if (rule.allow !== 'project' || !rule.orSystem || !secret || secret.length > MAX_SECRET_LENGTH) return false;
    const keyId = this.hasher.keyIdOf(secret);
    const credential = keyId === undefined ? undefined : this.credentials.byKeyId(keyId);
    return credential !== undefined && credential.project === undefined;
  }

  #anonymousAccess(secret: string | undefined, rule: AccessRule, project: string | undefined): Identity | undefined {
    if (rule.allow === 'project' && !this.credentials.required(project)) return anonymousOf(project);
    const systemMay = rule.allow === 'system' || (rule.allow === 'any' ? !secret : rule.orSystem);
    return systemMay && !this.credentials.required(undefined) ? anonymousOf(undefined) : undefined;
  }

  /** The time must not reveal which ids exist, and made-up ids must not cost a hash each. */
  async #rejectUnknownId(): Promise<Identity> {
    await this.hasher.verifyDummy();
    throw unauthenticated();
  }

  /** A secret without an id is verified only against the owners that it may have. */
  #verifyWithoutId(
    secret: string,
    rule: AccessRule,
    project: string | undefined,
    address: () => string,
  ): Awaitable<Identity> {
    const candidates = this.#candidates(secret, rule, project);
    for (const { fingerprint } of candidates) {
      const known = this.#cache.get(fingerprint);
      if (known !== undefined) return admit(known, rule, project);
    }
    const owner = project?.slice(0, 65) ?? '';
    const verified = this.#verifyOnce(candidates.map(({ fingerprint }) => fingerprint).join(), () =>
      this.#limiter.attempt(address(), { owner }, () => this.#verifyEach(secret, candidates)),
    );
    return verified.then((identity) => admit(identity, rule, project));
  }

  /** The owners that a secret without an id may have. No project id contains a space, and no key that is generated. */
  #candidates(secret: string, rule: AccessRule, project: string | undefined): Candidate[] {
    return this.#owners(rule, project).map((owner) => ({
      owner,
      fingerprint: this.hasher.fingerprint(`${owner ?? ''} ${secret}`),
    }));
  }

  /**
   * Also the owner of the wrong kind, for which the key is refused with the reason. A system key that was generated has
   * an id; whether a project has one must not show in the time.
   */
  #owners(rule: AccessRule, project: string | undefined): readonly (string | undefined)[] {
    if (rule.allow === 'any') return [undefined];
    if (rule.allow === 'system') return project === undefined ? [undefined] : [undefined, project];
    const system = this.credentials.primaryOf(undefined);
    const byHand = system !== undefined && system.keyId === undefined;
    return rule.orSystem || byHand ? [project, undefined] : [project];
  }

  /** Requests that come together with one secret, as after a restart, wait for one verification. */
  #verifyOnce(fingerprint: string, verify: () => Promise<Identity | undefined>): Promise<Identity | undefined> {
    const running = this.#running.get(fingerprint);
    if (running !== undefined) return running;
    const started = verify().finally(() => this.#running.delete(fingerprint));
    this.#running.set(fingerprint, started);
    return started;
  }

  async #verifyEach(secret: string, candidates: readonly Candidate[]): Promise<Identity | undefined> {
    for (const { owner, fingerprint } of candidates) {
      const identity = await this.#cache.verify(fingerprint, secret, this.credentials.primaryOf(owner));
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
