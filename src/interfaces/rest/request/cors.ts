import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { AccessSettings } from '../../../application/ports/access-settings.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import { RestSettings } from '../rest-settings.js';
import type { Resource } from '../routing/resource.js';

/** The headers that scripts of another origin may send and read, beside those that browsers always allow. */
const REQUEST_HEADERS = [
  ...['Authorization', 'X-API-Key', 'Api-Key', 'Content-Type', 'If-Match', 'If-None-Match', 'If-Modified-Since'],
  ...['If-Unmodified-Since', 'Last-Event-ID', 'Cache-Control', 'X-Request-Id', 'KV-Meta', 'X-TTL'],
];
/** The most headers of a preflight that are allowed beside those, and the longest name of one. */
const MAX_MORE_HEADERS = 50;
const MAX_NAME = 100;
const RESPONSE_HEADERS =
  'ETag, Link, Location, Retry-After, X-Request-Id, KV-Created, KV-Expires, KV-Meta, Allow, Accept-Patch, ' +
  'Accept-Ranges, Content-Range, ' +
  'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
/** How long a browser may cache the response to a preflight, in seconds. */
const MAX_AGE = '600';
const NAMES = new Set(REQUEST_HEADERS.map((name) => name.toLowerCase()));

/** Lets pages of the configured origins call the server from a browser. */
@injectable()
export class Cors {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(AccessSettings) private readonly access: AccessSettings,
    @inject(RestSettings) private readonly settings: RestSettings,
  ) {}

  /** Adds the CORS headers to the response to a request with an `Origin`; `project` is the one in its path. */
  setHeaders(
    project: string | undefined,
    resource: Resource,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { origin = '', 'access-control-request-method': requested } = request.headers;
    const origins = this.#origins(project);
    if (origins.length === 0) return;
    const all = origins.includes('*');
    if (!all) response.setHeader('Vary', 'Origin');
    if (!all && !origins.includes(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', all ? '*' : origin);
    if (request.method === 'OPTIONS' && requested !== undefined) {
      response.setHeader('Access-Control-Allow-Methods', resource.allow);
      response.setHeader('Access-Control-Allow-Headers', allowedHeaders(request.headers));
      response.setHeader('Access-Control-Max-Age', MAX_AGE);
      if (request.headers['access-control-request-private-network'] === 'true') {
        response.setHeader('Access-Control-Allow-Private-Network', 'true');
      }
    } else response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
  }

  /** If projects are not discoverable, each allows what any allows: otherwise the response would reveal which exist. */
  #origins(project: string | undefined): readonly string[] {
    if (project === undefined) return this.settings.origins;
    if (this.access.projectDiscoverable) return this.projects.get(project)?.cors?.origins ?? this.settings.origins;
    return [...this.settings.origins, ...this.projects.list().flatMap(({ cors }) => cors?.origins ?? [])];
  }
}

/**
 * Also allows what the preflight asks for: libraries add headers for tracing and caches, and a page that may send a key
 * gains nothing by others.
 */
function allowedHeaders({ 'access-control-request-headers': requested }: IncomingHttpHeaders): string {
  if (requested === undefined) return REQUEST_HEADERS.join(', ');
  const names = String(requested)
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const more = names.filter((name) => isHeaderName(name) && !NAMES.has(name)).slice(0, MAX_MORE_HEADERS);
  return [...REQUEST_HEADERS, ...new Set(more)].join(', ');
}

function isHeaderName(name: string): boolean {
  return name.length <= MAX_NAME && /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
}
