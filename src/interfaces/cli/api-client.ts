import { type IncomingMessage, type OutgoingHttpHeaders, request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, type ErrorCode } from '../../domain/errors.js';

/** Where the API is: at an address, or behind a socket file of this machine. */
export type Door = { readonly url: string } | { readonly socketPath: string };

/** A successful answer in the envelope. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: commands know what they asked for
  readonly data: any;
  readonly message: string;
}

/** Calls the API. Whatever is no success rejects with the code and message of the answer, `unavailable` where there is none. */
export class ApiClient {
  readonly #door: Door;
  readonly #key: string | undefined;

  constructor(door: Door, key: string | undefined) {
    this.#door = door;
    this.#key = key;
  }

  /** Where others reach the API; a stand-in where it runs for this command only. */
  get address(): string {
    return 'url' in this.#door ? this.#door.url.replace(/\/$/, '') : 'http://127.0.0.1:23849';
  }

  /** `path` counts from `/api/v1/projects/`. */
  async call(method: string, path: string, body?: object | Readable): Promise<Answered> {
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
      const sent =
        'url' in this.#door
          ? (this.#door.url.startsWith('https:') ? secure : plain)(new URL(target, this.#door.url), options)
          : plain({ ...options, socketPath: this.#door.socketPath, path: target });
      sent.on('response', resolve);
      sent.on('error', (error) => reject(unreachable(this.#door, error)));
      if (body === undefined || typeof body === 'string') sent.end(body);
      // An answer may come before all is sent: then the connection is closed, and the answer says why.
      else pipeline(body, sent).catch((error) => body.errored && reject(error));
    });
  }
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

function unreachable(door: Door, cause: Error): AppError {
  const where = 'url' in door ? door.url : door.socketPath;
  return new AppError('unavailable', `The server at ${where} cannot be reached: ${cause.message}`, { cause });
}
