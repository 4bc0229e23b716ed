import type { IncomingMessage } from 'node:http';
import { AppError, type ErrorCode } from '../../../domain/errors.js';
import { nameOf, type ServerAddress } from './exchange.js';
import { UnreachableError } from './unreachable-error.js';

/** A successful response in the envelope. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: commands know what they asked for
  readonly data: any;
  readonly message: string;
  /** The whole body, for numbers that JavaScript cannot hold. */
  readonly text: string;
}

/** The chunks of a body. Rejects with `UnreachableError` if it is cut off. */
export async function* chunksOf(server: ServerAddress, response: IncomingMessage): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of response) {
      length += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (cause) {
    throw new UnreachableError(`${nameOf(server)} broke off its answer after ${length} bytes`, cause);
  }
}

/** The whole body. Rejects like `chunksOf`. */
export async function readBody(server: ServerAddress, response: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(server, response)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a successful response in the envelope, whose data has these members. Rejects with `UnreachableError` if it is
 * anything else.
 */
export async function readEnvelope(
  server: ServerAddress,
  response: IncomingMessage,
  expects: readonly string[],
): Promise<ApiResponse> {
  const text = (await readBody(server, response)).toString();
  const found = parseObject(text);
  if (found === undefined || !('data' in found) || typeof found.message !== 'string') {
    throw foreignAnswer(server, response, text);
  }
  if (expects.some((name) => !Object.hasOwn(Object(found.data), name))) throw foreignAnswer(server, response, text);
  const { data, message } = found;
  return { status: response.statusCode ?? 0, headers: response.headers, data, message, text };
}

/** The error of an unsuccessful response; `UnreachableError` if a server of PortKV has not sent it. */
export async function readError(server: ServerAddress, response: IncomingMessage): Promise<AppError> {
  const text = (await readBody(server, response)).toString();
  const { error, message } = parseObject(text) ?? {};
  const { code, ...details } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return foreignAnswer(server, response, text);
  return new AppError(code as ErrorCode, message, { details });
}

/** The error for an answer that PortKV, or this version of it, does not give. */
export function foreignAnswer(server: ServerAddress, { statusCode, headers }: IncomingMessage, text: string): AppError {
  const { location } = headers;
  const status = `status ${statusCode}`;
  if (location !== undefined) {
    return new UnreachableError(`${nameOf(server)} sends on to ${location} (${status}): is that its address?`);
  }
  const isJson = parseObject(text) !== undefined;
  const what = isJson ? 'JSON of another kind' : (headers['content-type'] ?? 'a body without a type');
  const who = isJson ? 'another program, or another version of PortKV' : 'another program, or a proxy before it';
  const start = JSON.stringify(text.slice(0, 100));
  return new UnreachableError(`${nameOf(server)} answered as PortKV does not (${status}, ${what}): ${who}? ${start}`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
