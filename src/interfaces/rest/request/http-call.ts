import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Operation, RateStatus } from '../../../application/inbound/call.js';
import { apiKeyOf } from './api-key-header.js';
import { setRateHeaders } from './rate-limit.js';

/** An HTTP request as the application's inbound pipeline sees it. */
export class HttpCall implements Call {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #addressOf: (request: IncomingMessage) => string;

  constructor(
    readonly operation: Operation,
    readonly project: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    addressOf: (request: IncomingMessage) => string,
  ) {
    this.#request = request;
    this.#response = response;
    this.#addressOf = addressOf;
  }

  get requestId(): string {
    return this.#request.headers['x-request-id'] as string;
  }

  /** The key in a header; a form may have it in its body. */
  get secret(): string | undefined {
    return apiKeyOf(this.#request.headers);
  }

  address(): string {
    return this.#addressOf(this.#request);
  }

  onRate(status: RateStatus): void {
    setRateHeaders(this.#response, status);
  }
}
