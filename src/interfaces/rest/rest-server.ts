import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import express, { type Express, type NextFunction, type Request } from 'express';
import helmet from 'helmet';
import { AppError } from '../../domain/errors.js';
import { answerClientError, type ParseError } from './connection/client-error.js';
import { ConnectionLimit } from './connection/connection-limit.js';
import type { HttpLimits } from './connection/http-limits.js';
import { writeRawError } from './connection/raw-error.js';
import { requestIds } from './connection/request-id.js';
import { normalizeTarget, validateRequest, WHOLE_SERVER } from './connection/request-line.js';
import { StallGrace } from './connection/stall-grace.js';
import type { RequestPipeline } from './request-pipeline.js';
import { FAST_PATHS, fastPath } from './routing/fast-path.js';
import { type Resource, resourcesOf, wholeServer } from './routing/resource.js';
import type { Route } from './routing/route.js';
import { docsRouter } from './server-info/docs-page.js';

const MAX_HEADER_BYTES = 16 * 1024;

/** What a server that speaks TLS shows and proves, in PEM. */
export interface TlsCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * The HTTP server over a route table, or where it has to identify itself the HTTPS server; not listening yet. What `match` finds does
 * not go through express.
 */
export function createRestServer(
  routes: readonly Route[],
  endpoint: RequestPipeline,
  limits: HttpLimits,
  identification?: TlsCertificate,
  match = fastPath(resourcesOf(routes)),
): Server | TlsServer {
  const resources = resourcesOf(routes);
  const app = expressApp(resources, endpoint);
  const whole = wholeServer(routes);
  const nextId = requestIds();
  const connections = new ConnectionLimit(limits.maxConnections);
  const late = new StallGrace(limits.checkInterval, limits.headersTimeout);

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (response.socket === null) {
      // Sent without waiting for the answer before: what it reads must be what that one wrote.
      response.once('socket', () => serve(request, response));
      return;
    }
    request.headers['x-request-id'] = nextId(request.headers);
    late.requestArrived(request.socket);
    try {
      connections.requireRoom(request.socket);
      validateRequest(request);
      request.url = normalizeTarget(request.url as string);
    } catch (error) {
      response.shouldKeepAlive = false;
      endpoint.refuse(error, request, response);
      return;
    }
    const found = match(request.url);
    if (found === undefined) {
      if (request.url === WHOLE_SERVER) void endpoint.serve(whole, {}, request, response);
      else app(request, response);
    } else void endpoint.serve(found.resource, found.path, request, response);
  };

  const options = optionsOf(limits);
  const server =
    identification === undefined
      ? createServer(options, serve)
      : createTlsServer({ ...options, ...tlsOptionsOf(identification, limits) }, serve);
  connections.watch(server);
  late.watch(server);
  // With a listener of its own node leaves it to `readBody` to send the leave that such a client waits for.
  server.on('checkContinue', serve);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    request.headers['x-request-id'] = nextId(request.headers);
    const problem = new AppError('expectation_failed', 'The only expectation that can be met is 100-continue');
    response.shouldKeepAlive = false;
    endpoint.refuse(problem, request, response);
  });
  server.on('connect', (_, socket: Duplex) => {
    writeRawError(new AppError('invalid', 'This server is no proxy: the target must be a path'), nextId({}), socket);
  });
  server.on('clientError', (error: ParseError, socket) => {
    const reject = () => answerClientError(error, socket, () => nextId({}));
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !late.grant(socket, reject)) reject();
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
    requireHostHeader: false, // `requireSound` does, and answers in the envelope.
  };
}

/** Also what the server's `setSecureContext` takes, for another certificate. */
export function tlsOptionsOf({ cert, key }: TlsCertificate, { headersTimeout }: Pick<HttpLimits, 'headersTimeout'>) {
  return { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: headersTimeout } as const;
}

/** All routes on express, the fast ones too: it answers whatever `fastPath` does not recognise. */
export function expressApp(
  resources: ReadonlyMap<string, Resource>,
  endpoint: Pick<RequestPipeline, 'serve' | 'refuse'>,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  const all = [...resources.values()];
  const isFast = ({ path }: Resource) => FAST_PATHS.includes(path);
  mount(app, all.filter(isFast), endpoint);
  // Its own policy is on every answer; what to demand of TLS is for whoever adds TLS.
  app.use(helmet({ contentSecurityPolicy: false, strictTransportSecurity: false }));
  mount(
    app,
    all.filter((resource) => !isFast(resource)),
    endpoint,
  );
  app.use('/docs', docsRouter());
  app.use((request, response) => {
    endpoint.refuse(new AppError('not_found', `There is no ${request.path}`), request, response);
  });
  app.use((error: unknown, request: IncomingMessage, response: ServerResponse, _: NextFunction) => {
    const problem = isUndecodable(error) ? new AppError('invalid', 'The path is not percent-encoded UTF-8') : error;
    endpoint.refuse(problem, request, response);
  });
  return app;
}

function mount(app: Express, resources: readonly Resource[], endpoint: Pick<RequestPipeline, 'serve'>): void {
  for (const resource of resources) {
    app.all(expressPath(resource.path), (request, response) =>
      endpoint.serve(resource, pathOf(request), request, response),
    );
    const emptyKey = resource.path.replace(/(?<=\/)\{key\*?\}/, '');
    if (emptyKey === resource.path) continue;
    // An empty segment matches no parameter, but it is an empty key, not another route.
    app.all(expressPath(emptyKey), (request, response) =>
      endpoint.serve(resource, { ...pathOf(request), key: '' }, request, response),
    );
  }
}

/** `{name}` as express writes it: `:name`, and `*name` for the rest of the path. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)(\*?)\}/g, (_, name: string, rest: string) => (rest ? `*${name}` : `:${name}`));
}

function pathOf(request: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('/') : String(value),
    ]),
  );
}

function isUndecodable(error: unknown): boolean {
  return error instanceof URIError || (error as { status?: number } | null)?.status === 400;
}
