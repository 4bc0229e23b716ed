import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request } from 'express';
import { AppError } from '../../domain/errors.js';
import type { Endpoint } from './endpoint.js';
import { fastPath } from './fast-path.js';
import { rejectConnection } from './reject-connection.js';
import { requestIds } from './request-id.js';
import { normalTarget, requireSound } from './request-line.js';
import { type Resource, resourcesOf } from './resource.js';
import type { Route } from './route.js';

/** How long a client may take (ms), and how much it may send, before it is cut off. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
};
const MAX_CONNECTIONS = 2_000;

/** The HTTP server over a route table; not listening yet. */
export function serverOf(routes: readonly Route[], endpoint: Endpoint): Server {
  const resources = resourcesOf(routes);
  const match = fastPath(resources);
  const app = expressOver(resources, endpoint);
  const nextId = requestIds();
  const server = createServer(LIMITS, (request, response) => {
    request.headers['x-request-id'] = nextId(request.headers);
    try {
      requireSound(request);
      request.url = normalTarget(request.url as string);
    } catch (error) {
      response.shouldKeepAlive = false;
      endpoint.fail(error, undefined, request, response);
      return;
    }
    const found = match(request.url);
    if (found === undefined) app(request, response);
    else void endpoint.serve(found.resource, found.path, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', rejectConnection);
  return server;
}

function expressOver(resources: ReadonlyMap<string, Resource>, endpoint: Endpoint): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  for (const resource of resources.values()) {
    app.all(expressPath(resource.path), (request, response) =>
      endpoint.serve(resource, pathOf(request), request, response),
    );
    const [, beforeKey] = /^(.*\/)\{key\*?\}$/.exec(resource.path) ?? [];
    if (beforeKey === undefined) continue;
    // An empty segment matches no parameter, but it is an empty key, not another route.
    app.all(expressPath(beforeKey), (request, response) =>
      endpoint.serve(resource, { ...pathOf(request), key: '' }, request, response),
    );
  }
  app.use((request, response) => {
    endpoint.fail(new AppError('not_found', `There is no ${request.path}`), undefined, request, response);
  });
  app.use((error: unknown, request: IncomingMessage, response: ServerResponse, _: NextFunction) => {
    const problem = isUndecodable(error) ? new AppError('invalid', 'The path is not percent-encoded UTF-8') : error;
    endpoint.fail(problem, undefined, request, response);
  });
  return app;
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
