import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AppError } from '../../domain/errors.js';
import { envelope, envelopeStream } from './envelope.js';
import { errorEnvelope, errorHeaders, errorProblem, problems } from './problem.js';
import type { Body, Reply } from './route.js';
import { securityHeaders } from './security-headers.js';

const JSON_TYPE = 'application/json';
/** How long a connection that must close still swallows what the client sends, so that the client can read the answer (ms). */
const LINGER = 500;

/** Writes a reply, in the envelope where it has a message. `system` gives the envelope's `System` as JSON text. */
export async function writeReply(reply: Reply, response: ServerResponse, system: string): Promise<void> {
  if (!('message' in reply)) {
    return writeBody(response, reply.status, reply.headers, reply.body);
  }
  const { status, data = 'null', message, headers } = reply;
  const body =
    typeof data === 'string' ? envelope(status, system, data, message) : envelopeStream(status, system, data, message);
  return writeBody(response, status, headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers }, body);
}

const JSON_HEADERS: Readonly<Record<string, string>> = { 'Content-Type': JSON_TYPE };

async function writeBody(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> | undefined,
  body: Body | undefined,
): Promise<void> {
  const all: Record<string, string | number> = { ...securityHeaders, ...headers };
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    if (status !== 204 && status !== 304) all['Content-Length'] = body === undefined ? 0 : Buffer.byteLength(body);
    response.writeHead(status, all);
    response.end(body);
    return;
  }
  response.writeHead(status, all);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(Readable.from(body, { objectMode: false }), response);
}

/** Writes an error, as the envelope or, where the client asks for it, as problem details. */
export function writeError(error: AppError, request: IncomingMessage, response: ServerResponse, system: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const wantsProblem = request.headers.accept?.includes('application/problem+json') ?? false;
  const body = wantsProblem ? errorProblem(error) : errorEnvelope(error, system);
  const headers: Record<string, string | number> = {
    ...securityHeaders,
    ...errorHeaders(error),
    'Content-Type': wantsProblem ? 'application/problem+json' : JSON_TYPE,
    'Content-Length': Buffer.byteLength(body),
  };
  const { status } = problems[error.code];
  if (request.complete || !hasBody(request)) {
    response.writeHead(status, headers);
    response.end(body);
  } else writeAndClose(request, response, status, headers, body);
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Answers although the body has not arrived, then closes. Closing at once would reset the connection while the client still
 * sends, and it might never read the answer.
 */
function writeAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  body: string,
): void {
  response.writeHead(status, { ...headers, Connection: 'close' });
  if (request.method === 'HEAD') response.flushHeaders();
  else response.write(body);
  const close = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, LINGER);
  request.on('end', close);
  request.on('close', close);
  request.resume();
}
