import { X509Certificate } from 'node:crypto';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import { AppError, type ErrorCode } from '../../domain/errors.js';

/** Where the API is. */
export type ServerAddress =
  | {
      /** With the path that a proxy may put before `/api/v1`. */
      readonly url: string;
      /** The certificate of an https server in PEM, if known. It is trusted regardless of issuer and host name. */
      readonly certificate?: Buffer;
    }
  | {
      /** A socket file on this machine. */
      readonly socketPath: string;
      /** The address of the API once the server runs for other clients. */
      readonly address: string;
      /** The engine whose data is lost when this server ends, which is when this command ends. */
      readonly volatileEngine: string;
    };

/** A successful response in the envelope. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: commands know what they asked for
  readonly data: any;
  readonly message: string;
}

/**
 * Calls the API. An unsuccessful call rejects with the code and message of the response, or with `unavailable` if there
 * is no response.
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

  /** `path` is relative to `/api/v1/projects/`. */
  async call(method: string, path: string, body?: object | Readable): Promise<ApiResponse> {
    const response = await this.#send(method, path, body);
    const text = await readText(response);
    const { data, message } = JSON.parse(text);
    return { status: response.statusCode ?? 0, headers: response.headers, data, message };
  }

  /** The response with its body still to be read. `path` as for `call`. */
  download(path: string): Promise<IncomingMessage> {
    return this.#send('GET', path);
  }

  async #send(method: string, path: string, body?: object | Readable): Promise<IncomingMessage> {
    const streamed = body !== undefined && 'pipe' in body;
    const type = streamed ? 'application/x-ndjson' : 'application/json';
    const text = body === undefined || streamed ? undefined : JSON.stringify(body);
    const headers: OutgoingHttpHeaders = {
      ...(this.#key === undefined ? {} : { Authorization: `Bearer ${this.#key}` }),
      ...(body === undefined ? {} : { 'Content-Type': type }),
      ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    };
    const response = await this.#exchange({ method, headers }, path, streamed ? body : text);
    if ((response.statusCode ?? 500) < 400) return response;
    throw responseError(await readText(response));
  }

  #exchange(options: RequestOptions, path: string, body: Readable | string | undefined): Promise<IncomingMessage> {
    const target = `/api/v1/projects/${path}`;
    return new Promise((resolve, reject) => {
      const request = newRequest(this.#server, target, options);
      request.on('response', resolve);
      request.on('error', (error) => reject(connectionError(this.#server, error)));
      if (body === undefined || typeof body === 'string') request.end(body);
      // The server may respond before the whole body is sent, and close: then the response gives the reason. So an
      // error counts here only if reading the body failed.
      else pipeline(body, request).catch((error) => body.errored && reject(error));
    });
  }
}

function newRequest(server: ServerAddress, path: string, options: RequestOptions): ClientRequest {
  if ('socketPath' in server) return httpRequest({ ...options, socketPath: server.socketPath, path });
  const url = new URL(server.url.replace(/\/+$/, '') + path);
  if (url.protocol !== 'https:') return httpRequest(url, options);
  return httpsRequest(url, { ...options, ...(server.certificate === undefined ? {} : trusting(server.certificate)) });
}

/**
 * Trusts the usual issuers and this certificate. The host name does not matter if the server shows exactly this one.
 */
function trusting(certificate: Buffer): TlsOptions {
  const { fingerprint256 } = new X509Certificate(certificate);
  return {
    ca: [...rootCertificates, certificate.toString()],
    checkServerIdentity: (host, peer) =>
      peer.fingerprint256 === fingerprint256 ? undefined : checkServerIdentity(host, peer),
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The error in the envelope; `unavailable` if the text is no envelope. */
function responseError(text: string): AppError {
  try {
    const { error, message } = JSON.parse(text) as { error: { code: ErrorCode }; message: string };
    return new AppError(error.code, message);
  } catch {
    return new AppError('unavailable', `The server answered ${JSON.stringify(text.slice(0, 200))}`);
  }
}

function connectionError(server: ServerAddress, cause: Error): AppError {
  const address = 'url' in server ? server.url : server.socketPath;
  const untrusted = /CERT|SIGNATURE/.test((cause as NodeJS.ErrnoException).code ?? '');
  const advice = untrusted ? '; give its name with --url and its issuer, a PEM file, with NODE_EXTRA_CA_CERTS' : '';
  return new AppError('unavailable', `The server at ${address} cannot be reached: ${cause.message}${advice}`, {
    cause,
  });
}
