import { AppError } from '../../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { RatesElsewhere } from '../ports/registry/rates-elsewhere.js';
import { FixedWindow, type Window } from './fixed-window.js';

const PERIOD = 60_000;

/** How many wrong secrets one address may try in `PERIOD` (ms) for one key, or for one owner of keys without an id. */
const LIMIT_PER_KEY = 10;
/** The same for all owners of keys without an id together: a client can make up any number of owners. */
const LIMIT_PER_ADDRESS = 100;

/** Limits attempts with wrong secrets. Only those count, so that no client can use up what another one needs. */
export class FailedKeyLimiter {
  readonly #perKey: FixedWindow;
  readonly #perAddress: FixedWindow;

  constructor(
    private readonly clock: Clock,
    elsewhere: RatesElsewhere,
  ) {
    this.#perKey = new FixedWindow(LIMIT_PER_KEY, PERIOD, 'wrong key', elsewhere);
    this.#perAddress = new FixedWindow(LIMIT_PER_ADDRESS, PERIOD, 'wrong address', elsewhere);
    elsewhere.report('wrong key', () => this.#perKey.reportAt(clock.now()));
    elsewhere.report('wrong address', () => this.#perAddress.reportAt(clock.now()));
  }

  /**
   * Verifies a secret from the address that names a key, or an `owner` of keys without an id. It counts as wrong until
   * it is verified, so that parallel attempts get no more tries than sequential ones. Throws `rate_limited`
   * synchronously, before any work.
   */
  attempt<T>(address: string, about: { keyId: string } | { owner: string }, verify: () => Promise<T>): Promise<T> {
    const used =
      'keyId' in about
        ? [this.#windowFor(this.#perKey, `${address} key ${about.keyId}`)]
        : [this.#windowFor(this.#perAddress, address), this.#windowFor(this.#perKey, `${address} of ${about.owner}`)];
    for (const one of used) one.count += 1;
    const uncount = () => {
      for (const one of used) one.count -= 1;
    };
    return verify().then(
      (found) => {
        if (found !== undefined) uncount();
        return found;
      },
      (error: unknown) => {
        uncount();
        throw error;
      },
    );
  }

  #windowFor(rate: FixedWindow, name: string): Window {
    const now = this.clock.now();
    const window = rate.windowOf(name, now);
    const used = rate.usedOf(name, window, now);
    if (used.count < rate.limit) return window;
    const seconds = Math.ceil((used.until - now) / 1000);
    throw new AppError('rate_limited', `Too many wrong API keys; try again in ${seconds} seconds`, {
      details: { retry_after: seconds },
    });
  }
}
