import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { Logger } from '../../../application/ports/logger.js';
import { type Histogram, Metrics } from '../../../application/ports/metrics.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Route } from '../routing/route.js';

/** Measures every response and, at level debug, logs it. */
@scoped(Lifecycle.ContainerScoped)
export class AccessLog {
  readonly #durations: Histogram;
  readonly #callers = new WeakMap<IncomingMessage, string | undefined>();

  constructor(
    @inject(Metrics) metrics: Metrics,
    @inject(Logger) private readonly log: Logger,
  ) {
    this.#durations = metrics.histogram(
      'portkv_http_request_duration_seconds',
      'Time from the header of a request to its answer',
      ['route', 'method', 'status'],
    );
  }

  /** Sets the caller of a request for its log line. */
  setCaller(request: IncomingMessage, { keyId }: Identity): void {
    if (this.log.debug !== undefined) this.#callers.set(request, keyId);
  }

  /** `start` is when the request arrived, by `performance.now()`. */
  record(route: Route | undefined, request: IncomingMessage, response: ServerResponse, start: number): void {
    const ms = performance.now() - start;
    const { method = '' } = request;
    const { statusCode: status } = response;
    this.#durations.observe(route?.id ?? 'none', method, status, ms);
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
