import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Operation, RateStatus } from '../../../application/inbound/call.js';
import { apiKeysOf } from './api-key-header.js';
import { setRateHeaders } from './rate-limit.js';

/** An HTTP request as the application's inbound pipeline sees it. */
export class HttpCall implements Call {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #secrets: readonly string[] | undefined;
  #tried: string | undefined;
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

  /** The keys in its headers; a form may have one in its body. */
  get secrets(): readonly string[] {
    const { headers, rawHeaders } = this.#request;
    this.#secrets ??= apiKeysOf(headers, rawHeaders);
    return this.#secrets;
  }

  get secret(): string | undefined {
    return this.#tried ?? this.secrets[0];
  }

  onSecret(secret: string): void {
    this.#tried = secret;
  }

  address(): string {
    return this.#addressOf(this.#request);
  }

  onRate(status: RateStatus): void {
    setRateHeaders(this.#response, status);
  }
}
