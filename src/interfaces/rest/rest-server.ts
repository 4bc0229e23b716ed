import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { AppError } from '../../domain/errors.js';
import type { TlsCertificate } from '../transport.js';
import { answerClientError, type ParseError } from './connection/client-error.js';
import { ConnectionLimit } from './connection/connection-limit.js';
import type { HttpLimits } from './connection/http-limits.js';
import { requestIds } from './connection/request-id.js';
import { normalizeTarget, originForm, validateRequest, WHOLE_SERVER } from './connection/request-line.js';
import { StallGrace } from './connection/stall-grace.js';
import { expressApp } from './express-app.js';
import type { PageRouters } from './pages/pages.js';
import type { RequestPipeline } from './request-pipeline.js';
import { HttpError } from './response/http-error.js';
import { writeRawError } from './response/raw-response.js';
import { sendAtOnce } from './response/single-write.js';
import type { Match } from './routing/fast-path.js';
import { resourcesOf, wholeServer } from './routing/resource.js';
import type { Route } from './routing/route.js';

const MAX_HEADER_BYTES = 16 * 1024;

/** Matches a URL to a route that needs no express. */
export type Matcher = (url: string) => Match | undefined;

/**
 * The HTTP server of a route table, HTTPS if there is a certificate; not listening yet. Requests that `match`
 * recognises do not go through express.
 */
export function createRestServer(
  routes: readonly Route[],
  pipeline: RequestPipeline,
  limits: HttpLimits,
  match: Matcher,
  pages: PageRouters = {},
  certificate?: TlsCertificate,
): Server | TlsServer {
  const resources = resourcesOf(routes);
  const app = expressApp(resources, pipeline, pages);
  const whole = wholeServer(routes);
  const nextId = requestIds();
  const connections = new ConnectionLimit(limits.maxConnections);
  const stallGrace = new StallGrace(limits.checkInterval, limits.headersTimeout);

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (response.socket === null) {
      // A pipelined request: it must read what the request before it wrote, so it waits for that response.
      sendAtOnce(response);
      response.once('socket', () => serve(request, response));
      return;
    }
    request.headers['x-request-id'] = nextId(request.headers);
    stallGrace.requestArrived(request.socket);
    try {
      connections.requireRoom(request.socket);
      request.url = originForm(request);
      validateRequest(request);
      request.url = normalizeTarget(request.url as string);
    } catch (error) {
      response.shouldKeepAlive = false;
      pipeline.refuse(error, request, response);
      return;
    }
    const found = match(request.url);
    if (found === undefined) {
      if (request.url === WHOLE_SERVER) void pipeline.serve(whole, {}, request, response);
      else app(request, response);
    } else void pipeline.serve(found.resource, found.path, request, response);
  };

  const options = optionsOf(limits);
  const server =
    certificate === undefined
      ? createServer(options, serve)
      : createTlsServer({ ...options, ...tlsOptionsOf(certificate, limits) }, serve);
  connections.watch(server);
  stallGrace.watch(server);
  // With this listener node does not send 100 Continue; `readBody` does.
  server.on('checkContinue', serve);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    request.headers['x-request-id'] = nextId(request.headers);
    const problem = new HttpError('expectation_failed', 'The only expectation that can be met is 100-continue');
    response.shouldKeepAlive = false;
    pipeline.refuse(problem, request, response);
  });
  server.on('connect', (_, socket: Duplex) => {
    writeRawError(new AppError('invalid', 'This server is no proxy: the target must be a path'), nextId({}), socket);
  });
  server.on('clientError', (error: ParseError, socket) => {
    const reject = () => answerClientError(error, socket, () => nextId({}));
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !stallGrace.grant(socket, reject)) reject();
  });
  return server;
}

function optionsOf(limits: HttpLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeout,
    requestTimeout: Math.max(limits.headersTimeout, limits.bodyTimeout),
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    maxHeaderSize: MAX_HEADER_BYTES,
    requireHostHeader: false, // `validateRequest` does, and responds in the envelope.
  };
}

/** The TLS options; also those of `setSecureContext`, for a new certificate. */
export function tlsOptionsOf({ cert, key }: TlsCertificate, { headersTimeout }: Pick<HttpLimits, 'headersTimeout'>) {
  return { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: headersTimeout } as const;
}
