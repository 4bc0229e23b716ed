import { AppError } from '../../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import { FixedWindow, type Window } from './fixed-window.js';

const PERIOD = 60_000;

/** How many secrets that turn out wrong one address may try for one key, or one owner of keys without an id, in that time (ms). */
const FOR_ONE = 10;
/** For all owners of keys without an id: nobody has to know their names to make up more of them. */
const FOR_ALL = 100;

/** Bounds what wrong secrets cost. Only they count, so that nobody can use up what somebody else needs. */
export class FailedKeyLimiter {
  readonly #forOne = new FixedWindow(FOR_ONE, PERIOD);
  readonly #forAll = new FixedWindow(FOR_ALL, PERIOD);

  constructor(private readonly clock: Clock) {}

  /**
   * For a secret from the address that names a key, or an `owner` of keys without an id. It counts as wrong until it turns out
   * otherwise, so that many at a time get no more than one after the other. Throws `rate_limited` at once, before any work.
   */
  attempt<T>(address: string, about: { keyId: string } | { owner: string }, verify: () => Promise<T>): Promise<T> {
    const used =
      'keyId' in about
        ? [this.#taken(this.#forOne, `${address} key ${about.keyId}`)]
        : [this.#taken(this.#forAll, address), this.#taken(this.#forOne, `${address} of ${about.owner}`)];
    for (const one of used) one.count += 1;
    const giveBack = () => {
      for (const one of used) one.count -= 1;
    };
    return verify().then(
      (found) => {
        if (found !== undefined) giveBack();
        return found;
      },
      (error: unknown) => {
        giveBack();
        throw error;
      },
    );
  }

  #taken(allowance: FixedWindow, name: string): Window {
    const now = this.clock.now();
    const used = allowance.windowOf(name, now);
    if (used.count < allowance.limit) return used;
    const seconds = Math.ceil((used.until - now) / 1000);
    throw new AppError('rate_limited', `Too many wrong API keys; try again in ${seconds} seconds`, {
      details: { retry_after: seconds },
    });
  }
}
