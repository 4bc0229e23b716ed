import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { Logger } from '../../../application/ports/logger.js';
import { Metrics } from '../../../application/ports/metrics.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Route } from '../routing/route.js';

/** Keeps account of every answer: counts it and, where such lines are wanted, logs it. */
@injectable()
export class AccessLog {
  readonly #callers = new WeakMap<IncomingMessage, string | undefined>();

  constructor(
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(Logger) private readonly log: Logger,
  ) {}

  /** Notes who asks. */
  setCaller(request: IncomingMessage, { keyId }: Identity): void {
    if (this.log.debug !== undefined) this.#callers.set(request, keyId);
  }

  /** `start` is when the request came, by `performance.now()`. */
  record(route: Route | undefined, request: IncomingMessage, response: ServerResponse, start: number): void {
    const ms = performance.now() - start;
    const { method = '' } = request;
    const { statusCode: status } = response;
    this.metrics.answered(route?.id ?? 'none', method, status, ms);
    this.log.debug?.(
      {
        method,
        route: route?.id,
        status,
        ms: Math.round(ms * 1000) / 1000,
        request_id: request.headers['x-request-id'],
        key_id: this.#callers.get(request),
      },
      'answered',
    );
  }
}
