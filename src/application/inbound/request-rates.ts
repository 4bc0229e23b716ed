import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { FixedWindow } from '../access/fixed-window.js';
import { AccessSettings, type Rate } from '../ports/access-settings.js';
import { Clock } from '../ports/clock.js';
import { type RateKind, RatesElsewhere } from '../ports/registry/rates-elsewhere.js';
import type { Call } from './call.js';
import { networkOf } from './client-network.js';

/** Limits the requests of every key and of every address to the configured rates. */
@scoped(Lifecycle.ContainerScoped)
export class RequestRates {
  readonly #perAddress: RateWindow;
  readonly #perKey: RateWindow;

  constructor(
    @inject(AccessSettings) private readonly settings: AccessSettings,
    @inject(Clock) private readonly clock: Clock,
    @inject(RatesElsewhere) elsewhere: RatesElsewhere,
  ) {
    this.#perAddress = new RateWindow('address', elsewhere, clock);
    this.#perKey = new RateWindow('key', elsewhere, clock);
  }

  /** Throws `rate_limited` if the client's address has used up its rate. */
  countAddress(call: Call): void {
    const window = this.#perAddress.of(this.settings.ratePerAddress);
    if (window !== undefined) this.#count(window, networkOf(call.address()), 'address', call);
  }

  /** Throws `rate_limited` if the key has used up its rate. */
  countKey({ kind, keyId, project }: Identity, call: Call): void {
    const window = this.#perKey.of(this.settings.ratePerKey);
    if (window === undefined || kind === 'anonymous') return;
    this.#count(window, keyId ?? `of ${project ?? 'the system'}`, 'key', call);
  }

  #count(rate: FixedWindow, name: string, counted: string, call: Call): void {
    const now = this.clock.now();
    const window = rate.windowOf(name, now);
    const used = rate.usedOf(name, window, now);
    const reset = Math.ceil((used.until - now) / 1000);
    call.onRate?.({ limit: rate.limit, remaining: Math.max(0, rate.limit - used.count - 1), reset });
    if (used.count < rate.limit) {
      // Refused requests do not count: another server's window would never see an end of them.
      window.count += 1;
      return;
    }
    const period = rate.period / 1000;
    const message = `This ${counted} may send ${rate.limit} requests in ${period} seconds; try again in ${reset}`;
    throw new AppError('rate_limited', message, { details: { retry_after: reset } });
  }
}

/** The window of a rate; another one begins if the configuration is reloaded with another rate. */
class RateWindow {
  #rate: Rate | undefined;
  #window: FixedWindow | undefined;

  constructor(
    private readonly kind: RateKind,
    private readonly elsewhere: RatesElsewhere,
    clock: Clock,
  ) {
    elsewhere.report(kind, () => this.#window?.reportAt(clock.now()) ?? new Map());
  }

  of(rate: Rate | undefined): FixedWindow | undefined {
    if (rate !== this.#rate) {
      this.#window = rate && new FixedWindow(rate.requests, rate.seconds * 1000, this.kind, this.elsewhere);
    }
    this.#rate = rate;
    return this.#window;
  }
}
