import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { AccessSettings } from '../../../application/ports/access-settings.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import { RestSettings } from '../rest-settings.js';
import type { Resource } from '../routing/resource.js';

/** The headers that scripts of another origin may send and read, beside those that browsers always allow. */
const REQUEST_HEADERS =
  'Authorization, X-API-Key, Api-Key, Content-Type, If-Match, If-None-Match, If-Modified-Since, ' +
  'If-Unmodified-Since, Last-Event-ID, X-Request-Id';
const RESPONSE_HEADERS =
  'ETag, Link, Location, Retry-After, X-Request-Id, KV-Created, KV-Expires, Allow, Accept-Patch, ' +
  'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
/** How long a browser may cache the response to a preflight, in seconds. */
const MAX_AGE = '600';

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
      response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
      response.setHeader('Access-Control-Max-Age', MAX_AGE);
    } else response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
  }

  /** If projects are not discoverable, each allows what any allows: otherwise the response would reveal which exist. */
  #origins(project: string | undefined): readonly string[] {
    if (project === undefined) return this.settings.origins;
    if (this.access.projectDiscoverable) return this.projects.get(project)?.cors?.origins ?? this.settings.origins;
    return [...this.settings.origins, ...this.projects.list().flatMap(({ cors }) => cors?.origins ?? [])];
  }
}
