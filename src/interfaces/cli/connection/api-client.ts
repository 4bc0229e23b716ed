import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError } from '../../../domain/errors.js';
import { exchange, type RequestBody, type ServerAddress } from './exchange.js';
import { type ApiResponse, chunksOf, foreignAnswer, readBody, readEnvelope, readError } from './response.js';

export interface CallOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** Members that the data of the response must have. */
  readonly expects?: readonly string[];
}

export interface RawOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: RequestBody;
  /** A status from 400 on that is no failure. */
  readonly accepts?: number;
  /** Whether PortKV answers like this; anything else rejects with `UnreachableError`. */
  readonly isExpected?: (response: RawResponse) => boolean;
}

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

  /**
   * Sends an object as JSON, a stream as lines of JSON, or with a `Content-Type`, undefined or not, a value as it is.
   * Rejects with `UnreachableError` if the data of the response lacks a member that is expected.
   */
  async call(
    method: string,
    path: string,
    body?: object | Readable | Buffer,
    { headers = {}, expects = [] }: CallOptions = {},
  ): Promise<ApiResponse> {
    const streamed = body !== undefined && 'pipe' in body;
    const type = streamed ? 'application/x-ndjson' : 'application/json';
    const typed = body === undefined ? headers : { 'Content-Type': type, ...headers };
    const sent = body === undefined || streamed || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return readEnvelope(this.#server, await this.#send(method, path, typed, sent), expects);
  }

  /** Sends and receives bytes as they are. A status that is accepted is a success, too. */
  async raw(
    method: string,
    path: string,
    { headers, body, accepts, isExpected = () => true }: RawOptions = {},
  ): Promise<RawResponse> {
    const response = await this.#send(method, path, headers, body, accepts);
    const received = await readBody(this.#server, response);
    const raw = { status: response.statusCode ?? 0, headers: response.headers, body: received };
    if (isExpected(raw)) return raw;
    throw foreignAnswer(this.#server, response, received.toString());
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
    accepts?: number,
  ): Promise<IncomingMessage> {
    const sent: OutgoingHttpHeaders = {
      ...(this.#key === undefined ? {} : { Authorization: `Bearer ${this.#key}` }),
      ...headers,
      ...(typeof body === 'string' || Buffer.isBuffer(body) ? { 'Content-Length': Buffer.byteLength(body) } : {}),
    };
    const target = path.startsWith('/') ? path : `/api/v1/projects/${path}`;
    const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
    const response = await exchange(this.#server, target, { method, headers: given }, body);
    const { statusCode = 500 } = response;
    if (statusCode === accepts) return response;
    if (statusCode >= 400) throw await readError(this.#server, response);
    if (statusCode >= 200 && statusCode < 300) return response;
    throw foreignAnswer(this.#server, response, (await readBody(this.#server, response)).toString());
  }
}
