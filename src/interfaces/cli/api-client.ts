import { X509Certificate } from 'node:crypto';
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plain,
  type RequestOptions,
} from 'node:http';
import { request as secure, type RequestOptions as TlsOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import { AppError, type ErrorCode } from '../../domain/errors.js';

/** Where the API is. */
export type ServerAddress =
  | {
      readonly url: string;
      /** In PEM, what an https server shows where one knows it; it is trusted whoever issued it, and for any name. */
      readonly certificate?: Buffer;
    }
  | {
      /** A socket file of this machine. */
      readonly socketPath: string;
      /** Where the API will be for others. */
      readonly address: string;
      /** The engine whose data ends with the server, and so with this command. */
      readonly volatileEngine: string;
    };

/** A successful answer in the envelope. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: commands know what they asked for
  readonly data: any;
  readonly message: string;
}

/** Calls the API. Whatever is no success rejects with the code and message of the answer, `unavailable` where there is none. */
export class ApiClient {
  readonly #door: ServerAddress;
  readonly #key: string | undefined;

  constructor(door: ServerAddress, key: string | undefined) {
    this.#door = door;
    this.#key = key;
  }

  /** Where others reach the API. */
  get address(): string {
    return 'url' in this.#door ? this.#door.url.replace(/\/$/, '') : this.#door.address;
  }

  /**
   * Rejects with `unavailable` where what is put into the project, in its engine or the one named, would be lost when the command ends:
   * in the memory of a server that runs for it only.
   */
  async requirePersistent(project: string, engine?: string): Promise<void> {
    if ('url' in this.#door) return;
    const used = engine ?? (await this.call('GET', project)).data.storage.engine;
    if (used !== this.#door.volatileEngine) return;
    const message = `No server is running, so what project '${project}' has in the engine ${used} would be lost when this command ends`;
    throw new AppError('unavailable', `${message}; start the server first. Nothing was changed`);
  }

  /** `path` counts from `/api/v1/projects/`. */
  async call(method: string, path: string, body?: object | Readable): Promise<ApiResponse> {
    const response = await this.#send(method, path, body);
    const text = await textOf(response);
    const { data, message } = JSON.parse(text);
    return { status: response.statusCode ?? 0, headers: response.headers, data, message };
  }

  /** The body of the answer as it comes. */
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
    throw failure(await textOf(response));
  }

  #exchange(options: RequestOptions, path: string, body: Readable | string | undefined): Promise<IncomingMessage> {
    const target = `/api/v1/projects/${path}`;
    return new Promise((resolve, reject) => {
      const sent = requested(this.#door, target, options);
      sent.on('response', resolve);
      sent.on('error', (error) => reject(unreachable(this.#door, error)));
      if (body === undefined || typeof body === 'string') sent.end(body);
      // An answer may come before all is sent: then the connection is closed, and the answer says why.
      else pipeline(body, sent).catch((error) => body.errored && reject(error));
    });
  }
}

function requested(door: ServerAddress, path: string, options: RequestOptions): ClientRequest {
  if ('socketPath' in door) return plain({ ...options, socketPath: door.socketPath, path });
  const url = new URL(path, door.url);
  if (url.protocol !== 'https:') return plain(url, options);
  return secure(url, { ...options, ...(door.certificate === undefined ? {} : trusting(door.certificate)) });
}

/** By its issuer or itself; a certificate that is the very one is good for whatever name it is reached by. */
function trusting(certificate: Buffer): TlsOptions {
  const { fingerprint256 } = new X509Certificate(certificate);
  return {
    ca: [...rootCertificates, certificate.toString()],
    checkServerIdentity: (host, shown) =>
      shown.fingerprint256 === fingerprint256 ? undefined : checkServerIdentity(host, shown),
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function failure(text: string): AppError {
  try {
    const { error, message } = JSON.parse(text) as { error: { code: ErrorCode }; message: string };
    return new AppError(error.code, message);
  } catch {
    return new AppError('unavailable', `The server answered ${JSON.stringify(text.slice(0, 200))}`);
  }
}

function unreachable(door: ServerAddress, cause: Error): AppError {
  const where = 'url' in door ? door.url : door.socketPath;
  const untrusted = /CERT|SIGNATURE/.test((cause as NodeJS.ErrnoException).code ?? '');
  const advice = untrusted ? '; give its name with --url and its issuer, a PEM file, with NODE_EXTRA_CA_CERTS' : '';
  return new AppError('unavailable', `The server at ${where} cannot be reached: ${cause.message}${advice}`, { cause });
}
