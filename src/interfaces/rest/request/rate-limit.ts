import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { FixedWindow } from '../../../application/access/fixed-window.js';
import { Clock } from '../../../application/ports/clock.js';
import { type Rate, ServerSettings } from '../../../application/ports/server-settings.js';
import type { Identity } from '../../../domain/api-key.js';
import { AppError } from '../../../domain/errors.js';
import { clientAddresses, networkOf } from './client-address.js';

/** Holds every key and every address to the rate that is configured, if one is, and tells in the answer what is left of it. */
@injectable()
export class RequestRates {
  /** The address that a request comes from; all of an IPv6 customer's network is one. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly #perAddress: FixedWindow | undefined;
  readonly #perKey: FixedWindow | undefined;

  constructor(
    @inject(ServerSettings) { rates, trustedProxies }: ServerSettings,
    @inject(Clock) private readonly clock: Clock,
  ) {
    const addressOf = clientAddresses(trustedProxies);
    this.addressOf = (request) => networkOf(addressOf(request));
    this.#perAddress = allowanceOf(rates.perAddress);
    this.#perKey = allowanceOf(rates.perKey);
  }

  /** Throws `rate_limited` where its address has used up its rate. */
  countAddress(request: IncomingMessage, response: ServerResponse): void {
    if (this.#perAddress !== undefined) this.#count(this.#perAddress, this.addressOf(request), 'address', response);
  }

  /** Throws `rate_limited` where the key has used up its rate. */
  countKey({ kind, keyId, project }: Identity, response: ServerResponse): void {
    if (this.#perKey === undefined || kind === 'anonymous') return;
    this.#count(this.#perKey, keyId ?? `of ${project ?? 'the system'}`, 'key', response);
  }

  #count(allowance: FixedWindow, name: string, whose: string, response: ServerResponse): void {
    const now = this.clock.now();
    const used = allowance.windowOf(name, now);
    const seconds = Math.ceil((used.until - now) / 1000);
    used.count += 1;
    const left = Math.max(0, allowance.limit - used.count);
    // Of two rates the answer shows the one that is nearer to its end.
    if (Number(response.getHeader('RateLimit-Remaining') ?? Infinity) >= left) {
      response.setHeader('RateLimit-Limit', allowance.limit);
      response.setHeader('RateLimit-Remaining', left);
      response.setHeader('RateLimit-Reset', seconds);
    }
    if (used.count <= allowance.limit) return;
    const period = allowance.period / 1000;
    const message = `This ${whose} may send ${allowance.limit} requests in ${period} seconds; try again in ${seconds}`;
    throw new AppError('rate_limited', message, { details: { retry_after: seconds } });
  }
}

function allowanceOf(rate: Rate | undefined): FixedWindow | undefined {
  return rate && new FixedWindow(rate.requests, rate.seconds * 1000);
}
