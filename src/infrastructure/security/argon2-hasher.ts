import { hash as fastHash, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { NewKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { generatedKeyId, generateKey } from './generated-key.js';
import { HashThread } from './hash-thread.js';
import { isPbkdf2 } from './pbkdf2.js';
import { Semaphore } from './semaphore.js';

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const ARGON2 = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;
/** Of a random secret that was thrown away: no key has this hash. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Sw4XLFbuDke8734bk/Yg+w$RSblRhFgsVDn5cJIKZhyegfQRG/Gou6aedFXy8EyGys';

const MAX_WAITING = 16;
/**
 * The number of verifications whose durations are remembered: few, for these change with what else there is to do. And
 * the duration of one, in ms, before the first.
 */
const MAX_TIMES = 4;
const USUAL_TIME = 10;

/** Keys hashed by argon2id with 19 MiB and two passes, about 10 ms each, one at a time. */
export class Argon2Hasher implements SecretHasher {
  readonly #turn = new Semaphore(1);
  readonly #thread = new HashThread();
  readonly #times = [USUAL_TIME];
  readonly #fingerprintKey = randomBytes(32).toString('base64url');

  get waiting(): number {
    return this.#turn.waiting;
  }

  async newKey(id?: string): Promise<NewKey> {
    const { keyId, secret } = generateKey(id);
    return { keyId, secret, hash: await this.hash(secret) };
  }

  keyIdOf(secret: string): string | undefined {
    return generatedKeyId(secret);
  }

  /** Waits its turn however many wait: who may ask for a hash has shown a key already. */
  hash(secret: string): Promise<string> {
    return this.#turn.run(() => this.#thread.hash(secret, COST));
  }

  async verify(secret: string, hash: string): Promise<boolean> {
    const start = performance.now();
    const found = await this.#inTurn(() => this.#matches(secret, hash));
    this.#times.push(performance.now() - start);
    if (this.#times.length > MAX_TIMES) this.#times.shift();
    return found;
  }

  /** One verification for each kind of hash that there is, against a decoy if it is not the kind of `hash`. */
  verifyInConstantCost(secret: string, hash: string | undefined, alike: readonly string[]): Promise<boolean> {
    const costs = new Set([NOBODYS_HASH, ...alike].map(costOf));
    const own = hash === undefined ? undefined : costOf(hash);
    return this.#inTurn(async () => {
      let found = false;
      for (const cost of [...costs].sort()) {
        const matching = await this.#matches(secret, hash !== undefined && cost === own ? hash : decoyAt(cost));
        if (cost === own) found = matching;
      }
      return found;
    });
  }

  async verifyDummy(): Promise<void> {
    await sleep(this.#times[randomInt(this.#times.length)]);
  }

  async #inTurn(verification: () => Promise<boolean>): Promise<boolean> {
    if (this.waiting >= MAX_WAITING) {
      throw new AppError('rate_limited', 'Too many keys are being checked; try again', { details: { retry_after: 1 } });
    }
    return this.#turn.run(verification);
  }

  async #matches(secret: string, hash: string): Promise<boolean> {
    const known = isKnownHash(hash);
    return (await this.#thread.verify(secret, known ? hash : NOBODYS_HASH)) && known;
  }

  isOutdated(hash: string): boolean {
    const [, memory, passes] = ARGON2.exec(hash) ?? [];
    return !(Number(memory) >= COST.memoryCost && Number(passes) >= COST.timeCost);
  }

  /** One call of `crypto.hash` is a fifth of an HMAC; length extension does not matter: the result is never shown. */
  fingerprint(secret: string): string {
    return fastHash('sha256', this.#fingerprintKey + secret, 'base64');
  }
}

/** The part of a hash that says how long its verification takes. */
function costOf(hash: string): string {
  const known = isKnownHash(hash) ? hash : NOBODYS_HASH;
  return known.split('$', known.startsWith('$') ? 4 : 2).join('$');
}

/** A hash of that cost which nothing gives. */
function decoyAt(cost: string): string {
  if (cost.startsWith('$')) return `${cost}$${NOBODYS_HASH.split('$').slice(4).join('$')}`;
  return `${cost}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
}

/** Whether `verify` understands the hash, for those who read hashes that people may have edited. */
export function isKnownHash(hash: string): boolean {
  return ARGON2.test(hash) || isPbkdf2(hash);
}
