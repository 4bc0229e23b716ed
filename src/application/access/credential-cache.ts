import { type Credential, type Identity, identityOf } from '../../domain/api-key.js';
import { GenerationalCache } from '../generational-cache.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Credentials } from '../ports/registry/credentials.js';
import type { KeyUsage, LastUse } from '../ports/registry/key-usage.js';
import type { SecretHasher } from '../ports/secret-hasher.js';

const MAX_CREDENTIALS = 10_000;

/** A secret that was verified against `hash`, a hash of `credential`; its bearer is `identity` until `until` (ms). */
interface CachedCredential {
  readonly credential: Credential;
  readonly hash: string;
  readonly identity: Identity;
  readonly until: number;
  readonly use: LastUse;
}

/**
 * Verifies each secret once and remembers it by its fingerprint. Each use looks at the stored credential again, so that
 * a revoked key fails without any notification.
 */
export class CredentialCache {
  readonly #verified = new GenerationalCache<CachedCredential>(MAX_CREDENTIALS);
  readonly #byIdentity = new WeakMap<Identity, CachedCredential>();

  constructor(
    private readonly credentials: Credentials,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly uses: KeyUsage,
  ) {}

  /** The identity of the secret with that fingerprint, if it was verified before and its credential is still valid. */
  get(fingerprint: string): Identity | undefined {
    return this.#current(fingerprint)?.identity;
  }

  /** Whether the secret that proved this identity still does. If not, `get` knows whether it proves another one. */
  isCurrent(identity: Identity): boolean {
    const verified = this.#byIdentity.get(identity);
    return verified !== undefined && this.#use(verified);
  }

  /**
   * Verifies against the credential, or against nothing at the same cost. Rejects with `rate_limited` if too many wait.
   */
  async verify(fingerprint: string, secret: string, credential: Credential | undefined): Promise<Identity | undefined> {
    const hash = await this.#matching(secret, credential);
    if (credential === undefined || hash === undefined) return undefined;
    this.#verified.set(fingerprint, this.#verifiedAs(credential, hash));
    // Read from the cache, so that a credential that was revoked meanwhile does not count.
    const identity = this.get(fingerprint);
    if (identity !== undefined && hash === credential.hash && this.hasher.isOutdated(hash)) {
      void this.#upgrade(fingerprint, secret, credential);
    }
    return identity;
  }

  /** The time for a secret without an id must not reveal whether a project exists, or what kind of hash it has. */
  async #matching(secret: string, credential: Credential | undefined): Promise<string | undefined> {
    if (credential === undefined || !secret.startsWith('pkv_')) {
      const alike = this.credentials.primaries().map((primary) => primary.hash);
      return (await this.hasher.verifyInConstantCost(secret, credential?.hash, alike)) ? credential?.hash : undefined;
    }
    const { hash, previous } = credential;
    if (await this.hasher.verify(secret, hash)) return hash;
    if (previous === undefined || previous.until <= this.clock.now()) return undefined;
    return (await this.hasher.verify(secret, previous.hash)) ? previous.hash : undefined;
  }

  #current(fingerprint: string): CachedCredential | undefined {
    const verified = this.#verified.get(fingerprint);
    if (verified === undefined) return undefined;
    if (this.#use(verified)) return verified;
    const stored = this.#stored(verified.credential);
    const renewed = stored && this.#verifiedAs(stored, verified.hash);
    if (renewed === undefined || !this.#use(renewed)) {
      this.#verified.delete(fingerprint);
      return undefined;
    }
    this.#verified.set(fingerprint, renewed);
    return renewed;
  }

  /** Notes a use, if the stored credential is the same as when it was verified, and valid. */
  #use({ credential, until, use }: CachedCredential): boolean {
    const now = this.clock.now();
    if (until <= now || this.#stored(credential) !== credential) return false;
    use.at = now;
    return true;
  }

  #stored({ keyId, project }: Credential): Credential | undefined {
    return keyId === undefined ? this.credentials.primaryOf(project) : this.credentials.byKeyId(keyId);
  }

  /** Runs in the background. A hash that cannot be saved is tried again when the key is verified next. */
  async #upgrade(fingerprint: string, secret: string, credential: Credential): Promise<void> {
    try {
      const hash = await this.hasher.hash(secret);
      await this.credentials.upgradeHash(credential, hash);
      const stored = this.#stored(credential);
      if (stored?.hash === hash) this.#verified.set(fingerprint, this.#verifiedAs(stored, hash));
    } catch (error) {
      const { project, keyId } = credential;
      this.logger.warn({ project, keyId, err: error }, 'A key still has its old hash: the new one could not be saved');
    }
  }

  #verifiedAs(credential: Credential, hash: string): CachedCredential {
    const until = endOf(credential, hash);
    const identity = identityOf(credential, until === Infinity ? undefined : until);
    const verified = { credential, hash, identity, until, use: this.uses.of(credential) };
    this.#byIdentity.set(identity, verified);
    return verified;
  }
}

/** When (ms) the secret of `hash` stops being valid for the credential. */
function endOf({ hash: current, previous, expiresAt = Infinity }: Credential, hash: string): number {
  if (hash === current) return expiresAt;
  return hash === previous?.hash ? Math.min(expiresAt, previous.until) : -Infinity;
}
