import { inject, injectable } from 'tsyringe';
import { type AccessRule, authorize, unauthenticated } from '../../domain/access.js';
import { anonymousOf, type Credential, type Identity, identityOf } from '../../domain/api-key.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/credentials.js';
import { Logger } from '../ports/logger.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import type { Awaitable } from '../ports/store.js';
import { Recent } from './recent.js';

const MAX_REMEMBERED = 10_000;
const MAX_SECRET_LENGTH = 1024;

/** A secret that was found to give `hash`, a hash of `credential`, which makes its bearer `identity` until `until` (ms). */
interface Verified {
  readonly credential: Credential;
  readonly hash: string;
  readonly identity: Identity;
  readonly until: number;
}

/** Tells who presents a secret, and lets only those through whom the route's rule allows. */
@injectable()
export class CheckAccess {
  /** By fingerprint. Each use looks at the stored credential again, so what was revoked is dead without being told. */
  readonly #verified = new Recent<Verified>(MAX_REMEMBERED);
  readonly #running = new Map<string, Promise<Identity | undefined>>();

  constructor(
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  /**
   * At once, and throwing at once, for a secret that was verified before. `project` is the one in the route's path. Throws
   * `unauthenticated`, `insufficient_scope`, or `rate_limited` when too many secrets wait to be verified.
   */
  execute(secret: string | undefined, rule: AccessRule, project: string | undefined): Awaitable<Identity> {
    const anonymous = this.#withoutKey(secret, rule, project);
    if (anonymous !== undefined) return anonymous;
    if (!secret || secret.length > MAX_SECRET_LENGTH) throw unauthenticated();
    if (!secret.startsWith('pkv_')) return this.#ofOwners(secret, rule, project);

    const name = this.hasher.fingerprint(secret);
    const verified = this.#recall(name);
    if (verified !== undefined) return admit(verified.identity, rule, project);
    const keyId = this.hasher.keyIdOf(secret);
    const credential = keyId === undefined ? undefined : this.credentials.byKeyId(keyId);
    if (credential === undefined) throw unauthenticated();
    return this.#verifyOnce(name, secret, credential).then((identity) => admit(identity, rule, project));
  }

  #withoutKey(secret: string | undefined, rule: AccessRule, project: string | undefined): Identity | undefined {
    if (rule.allow === 'project' && !this.credentials.required(project)) return anonymousOf(project);
    const systemMay = rule.allow === 'system' || (rule.allow === 'any' ? !secret : rule.orSystem);
    return systemMay && !this.credentials.required(undefined) ? anonymousOf(undefined) : undefined;
  }

  /** A secret without an id is looked for only where the route says whose it may be. */
  #ofOwners(secret: string, rule: AccessRule, project: string | undefined): Awaitable<Identity> {
    const owners = rule.allow !== 'project' ? [undefined] : rule.orSystem ? [project, undefined] : [project];
    // No project id holds a space, and nothing that begins with `pkv_` comes here: no two secrets share a name.
    const named = owners.map((owner) => ({ owner, name: this.hasher.fingerprint(`${owner ?? ''} ${secret}`) }));
    for (const { name } of named) {
      const verified = this.#recall(name);
      if (verified !== undefined) return admit(verified.identity, rule, project);
    }
    return this.#verifyEach(secret, named).then((identity) => admit(identity, rule, project));
  }

  async #verifyEach(secret: string, named: readonly { owner: string | undefined; name: string }[]) {
    for (const { owner, name } of named) {
      const identity = await this.#verifyOnce(name, secret, this.credentials.primaryOf(owner));
      if (identity !== undefined) return identity;
    }
    return undefined;
  }

  /** Rivals with the same secret share one verification. */
  #verifyOnce(name: string, secret: string, credential: Credential | undefined): Promise<Identity | undefined> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const started = this.#verify(name, secret, credential).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  async #verify(name: string, secret: string, credential: Credential | undefined): Promise<Identity | undefined> {
    if (credential === undefined) {
      await this.hasher.verifyNothing(secret);
      return undefined;
    }
    const hash = await this.#matching(secret, credential);
    if (hash === undefined) return undefined;
    this.#verified.set(name, verifiedAs(credential, hash));
    // Recalled, so that a credential revoked meanwhile does not count.
    const identity = this.#recall(name)?.identity;
    if (identity !== undefined && hash === credential.hash && this.hasher.outdated(hash)) {
      void this.#upgrade(name, secret, credential);
    }
    return identity;
  }

  async #matching(secret: string, { hash, previous }: Credential): Promise<string | undefined> {
    if (await this.hasher.verify(secret, hash)) return hash;
    if (previous === undefined || previous.until <= this.clock.now()) return undefined;
    return (await this.hasher.verify(secret, previous.hash)) ? previous.hash : undefined;
  }

  /** What was verified under this name, if the credential as it is stored now still bears it out. */
  #recall(name: string): Verified | undefined {
    const verified = this.#verified.get(name);
    if (verified === undefined) return undefined;
    const stored = this.#stored(verified.credential);
    const now = this.clock.now();
    if (stored === verified.credential && verified.until > now) return verified;
    const renewed = stored && verifiedAs(stored, verified.hash);
    if (renewed === undefined || renewed.until <= now) {
      this.#verified.delete(name);
      return undefined;
    }
    this.#verified.set(name, renewed);
    return renewed;
  }

  #stored({ keyId, project }: Credential): Credential | undefined {
    return keyId === undefined ? this.credentials.primaryOf(project) : this.credentials.byKeyId(keyId);
  }

  /** Behind the request's back: a hash that cannot be saved is tried again at the key's next first use. */
  async #upgrade(name: string, secret: string, credential: Credential): Promise<void> {
    try {
      const hash = await this.hasher.hash(secret);
      await this.credentials.upgradeHash(credential, hash);
      const stored = this.#stored(credential);
      if (stored?.hash === hash) this.#verified.set(name, verifiedAs(stored, hash));
    } catch (error) {
      const { project, keyId } = credential;
      this.logger.warn({ project, keyId, err: error }, 'A key still has its old hash: the new one could not be saved');
    }
  }
}

function verifiedAs(credential: Credential, hash: string): Verified {
  return { credential, hash, identity: identityOf(credential), until: endOf(credential, hash) };
}

/** The first instant (ms) at which the secret behind `hash` does not open the credential any more. */
function endOf({ hash: current, previous, expiresAt = Infinity }: Credential, hash: string): number {
  if (hash === current) return expiresAt;
  return hash === previous?.hash ? Math.min(expiresAt, previous.until) : -Infinity;
}

function admit(identity: Identity | undefined, rule: AccessRule, project: string | undefined): Identity {
  if (identity === undefined) throw unauthenticated();
  authorize(identity, rule, project);
  return identity;
}
