import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { accepts } from './accept.js';
import { hasBody, writeAndClose } from './close-connection.js';
import { codingOf, compressed, compressStream } from './compression.js';
import { envelope, envelopeStream } from './envelope.js';
import { errorEnvelope, errorHeaders, errorProblem, statusOf } from './error-response.js';
import type { RestError } from './http-error.js';
import type { Body, ReadyReply, StreamReply } from './reply.js';
import { securityHeaders } from './security-headers.js';
import { endInSingleWrite } from './single-write.js';

const JSON_TYPE = 'application/json';

type Headers = Readonly<Record<string, string>>;
const NONE: Headers = {};

/**
 * Writes a reply, in the envelope if it has a message. `system` is the member `System` of the envelope, as JSON text. A
 * compressible body is compressed for clients that accept that, also while it is streamed.
 */
export function writeResponse(
  reply: ReadyReply,
  response: ServerResponse,
  system: string,
  compressible = false,
): void | Promise<void> {
  if ('stream' in reply) return writeStream(reply, response);
  const write = compressible ? writeCompressed : writeBody;
  if (!('message' in reply)) return write(response, reply.status, undefined, reply.headers, reply.body);
  const { status, data = 'null', message, headers } = reply;
  const body =
    typeof data === 'string' ? envelope(status, system, data, message) : envelopeStream(status, system, data, message);
  return write(response, status, JSON_TYPE, headers, body);
}

function writeStream({ status, headers, stream }: StreamReply, response: ServerResponse): void {
  // The end of the connection ends the stream, so that a chunk for many readers needs no frame around it.
  response.useChunkedEncodingByDefault = false;
  response.writeHead(status, headersOf(response.req, headers));
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  stream(response);
}

async function writeCompressed(
  response: ServerResponse,
  status: number,
  type: string | undefined,
  headers: Headers | undefined,
  body: Body | undefined,
): Promise<void> {
  if (body === undefined) return writeBody(response, status, type, headers, body);
  const varied = withVary(response, headers);
  const accepted = response.req.headers['accept-encoding']?.toString();
  if (!isWhole(body)) {
    // Of HEAD it is not known whether the body of GET would be a stream.
    const coding = response.req.method === 'HEAD' ? undefined : codingOf(accepted);
    if (coding === undefined) return writeBody(response, status, type, varied, body);
    response.setHeader('Content-Encoding', coding);
    return writeBody(response, status, type, varied, compressStream(body, coding));
  }
  const smaller = await compressed(body, accepted);
  if (smaller === undefined) return writeBody(response, status, type, varied, body);
  response.setHeader('Content-Encoding', smaller.encoding);
  return writeBody(response, status, type, varied, smaller.body);
}

/** Headers that are set in the response already keep it from being sent in a single write. */
function withVary(response: ServerResponse, headers: Headers = NONE): Headers {
  if (!response.hasHeader('Vary')) return { ...headers, Vary: 'Accept-Encoding' };
  response.appendHeader('Vary', 'Accept-Encoding');
  return headers;
}

function isWhole(body: Body): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

function writeBody(
  response: ServerResponse,
  status: number,
  type: string | undefined,
  headers: Headers = NONE,
  body?: Body,
): void | Promise<void> {
  const whole = body === undefined || isWhole(body);
  const all = type === undefined ? headers : { ...headers, 'Content-Type': type };
  if (whole && endInSingleWrite(response, status, all, body)) return;
  const lines = headersOf(response.req, all);
  if (!whole) return streamBody(body, response, status, lines);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (status !== 204 && status !== 304) lines.push('Content-Length', String(bytes?.length ?? 0));
  response.writeHead(status, lines);
  response.end(bytes);
}

async function streamBody(
  body: AsyncIterable<Uint8Array | string>,
  response: ServerResponse,
  status: number,
  lines: string[],
): Promise<void> {
  response.writeHead(status, lines);
  if (response.req.method === 'HEAD') response.end();
  else await pipeline(Readable.from(body, { objectMode: false }), response);
}

/**
 * The headers of every response and those of the reply, names and values in turn: the form that node handles fastest.
 */
function headersOf(request: IncomingMessage, headers: Headers | undefined): string[] {
  const all = ['X-Request-Id', request.headers['x-request-id'] as string, ...securityHeaders];
  for (const name in headers) all.push(name, headers[name] as string);
  return all;
}

/** An error as the response to a request shows it. */
export type ErrorShape = (
  error: RestError,
  request: IncomingMessage,
) => { readonly status: number; readonly type: string; readonly body: string };

/** An error in the envelope with this member `System` or, if the client asks for it, as problem details. */
export function envelopeError(system: string): ErrorShape {
  return (error, { headers }) => {
    const status = statusOf(error);
    return accepts(headers.accept, 'application/problem+json')
      ? { status, type: 'application/problem+json', body: errorProblem(error) }
      : { status, type: JSON_TYPE, body: errorEnvelope(error, system) };
  };
}

/** Writes an error. */
export function writeError(
  error: RestError,
  request: IncomingMessage,
  response: ServerResponse,
  shape: ErrorShape,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, type, body } = shape(error, request);
  const headers = headersOf(request, errorHeaders(error));
  headers.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(body)));
  if (request.complete || !hasBody(request)) {
    response.writeHead(status, headers);
    response.end(body);
  } else writeAndClose(request, response, status, headers, body);
}
