import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError } from '../../../domain/errors.js';
import { exchange, type RequestBody, type ServerAddress } from './exchange.js';
import { type ApiResponse, chunksOf, foreignAnswer, readBody, readEnvelope, readError } from './response.js';

/** A successful response without the envelope. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Calls the API. A path is relative to `/api/v1/projects/`, or begins with a slash. An unsuccessful call rejects with
 * the code and message of the response, or with `UnreachableError` if no server of PortKV gave one.
 */
export class ApiClient {
  readonly #server: ServerAddress;
  readonly #key: string | undefined;

  constructor(server: ServerAddress, key: string | undefined) {
    this.#server = server;
    this.#key = key;
  }

  /** The address of the API for other clients. */
  get address(): string {
    return 'url' in this.#server ? this.#server.url.replace(/\/+$/, '') : this.#server.address;
  }

  /** Whether the server runs only for this command. */
  get isPrivate(): boolean {
    return !('url' in this.#server);
  }

  /**
   * Rejects with `unavailable` if entries put into the project, in its engine or in the engine named, would be lost
   * when the command ends, because they are in the memory of a server that runs only for this command.
   */
  async requirePersistent(project: string, engine?: string): Promise<void> {
    if ('url' in this.#server) return;
    const used = engine ?? (await this.call('GET', project)).data.storage.engine;
    if (used !== this.#server.volatileEngine) return;
    throw new AppError(
      'unavailable',
      `No server is running, so what project '${project}' has in the engine ${used} would be lost when this command ` +
        'ends; start the server first. Nothing was changed',
    );
  }

  /** Sends JSON, or lines of it as a stream. */
  async call(method: string, path: string, body?: object | Readable): Promise<ApiResponse> {
    const streamed = body !== undefined && 'pipe' in body;
    const type = streamed ? 'application/x-ndjson' : 'application/json';
    const headers = body === undefined ? {} : { 'Content-Type': type };
    const sent = body === undefined || streamed ? body : JSON.stringify(body);
    return readEnvelope(this.#server, await this.#send(method, path, headers, sent));
  }

  /** Sends and receives bytes as they are. */
  async raw(method: string, path: string, headers?: OutgoingHttpHeaders, body?: RequestBody): Promise<RawResponse> {
    const response = await this.#send(method, path, headers, body);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await readBody(this.#server, response),
    };
  }

  /** The body, chunk by chunk. */
  async download(path: string): Promise<AsyncIterable<Uint8Array>> {
    return chunksOf(this.#server, await this.#send('GET', path));
  }

  async #send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: RequestBody,
  ): Promise<IncomingMessage> {
    const sent: OutgoingHttpHeaders = {
      ...(this.#key === undefined ? {} : { Authorization: `Bearer ${this.#key}` }),
      ...headers,
      ...(typeof body === 'string' || Buffer.isBuffer(body) ? { 'Content-Length': Buffer.byteLength(body) } : {}),
    };
    const target = path.startsWith('/') ? path : `/api/v1/projects/${path}`;
    const response = await exchange(this.#server, target, { method, headers: sent }, body);
    const { statusCode = 500 } = response;
    if (statusCode >= 400) throw await readError(this.#server, response);
    if (statusCode >= 200 && statusCode < 300) return response;
    throw foreignAnswer(this.#server, response, (await readBody(this.#server, response)).toString());
  }
}
