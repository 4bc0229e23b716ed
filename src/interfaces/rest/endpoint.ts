import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../application/ports/logger.js';
import type { ServerStatus } from '../../application/ports/server-status.js';
import type { Awaitable } from '../../application/ports/store.js';
import type { AccessRule } from '../../domain/access.js';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { parseQuery } from './parameter.js';
import { presentedKey } from './presented-key.js';
import { problems, shown } from './problem.js';
import { writeError, writeReply } from './reply-writer.js';
import { readBody } from './request-body.js';
import type { Resource } from './resource.js';
import type { Route } from './route.js';

const EMPTY = Buffer.alloc(0);

/** What the endpoint needs from the application. */
export interface EndpointContext {
  /** Whoever presents this secret, where the rule lets them through; `unauthenticated`, `insufficient_scope`, `not_found`. */
  checkAccess(secret: string | undefined, rule: AccessRule, project: string | undefined): Awaitable<Identity>;
  /** The most bytes that a body of this kind may have. */
  bodyLimit(route: Route, project: string | undefined): Awaitable<number>;
  readonly status: ServerStatus;
  readonly log: Logger;
}

/** Carries a matched request through access, body and handler to its answer, whoever matched it. */
export class Endpoint {
  readonly #context: EndpointContext;

  constructor(context: EndpointContext) {
    this.#context = context;
  }

  async serve(
    resource: Resource,
    path: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let route: Route | undefined;
    try {
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      if (method === 'OPTIONS') {
        await writeReply({ status: 204, headers: { Allow: resource.allow } }, response, 'null');
        return;
      }
      route = resource.routes.get(method as string);
      if (route === undefined) {
        throw new AppError('method_not_allowed', `${method} is not possible here; possible: ${resource.allow}`, {
          details: { allow: resource.allow },
        });
      }
      await this.#answer(route, path, request, response);
    } catch (error) {
      this.fail(error, route, request, response);
    }
  }

  /** Answers with an error. One that is not meant for clients is logged with its stack. */
  fail(error: unknown, route: Route | undefined, request: IncomingMessage, response: ServerResponse): void {
    const problem = shown(error);
    if (problem.code === 'internal' && !request.destroyed) {
      this.#context.log.error({ err: error, route: route?.id, request_id: response.getHeader('x-request-id') }, 'bug');
    }
    const { status } = problems[problem.code];
    const system = route?.system && status !== 401 ? this.#context.status.json() : 'null';
    writeError(problem, request, response, system);
  }

  async #answer(
    route: Route,
    path: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const project = path.project;
    const context = this.#context;
    let identity: Identity | undefined;
    let body: Buffer | undefined;
    if (route.access !== 'open') {
      let secret = presentedKey(request.headers);
      if (secret === undefined && route.body === 'form') {
        body = await readBody(request, await context.bodyLimit(route, project));
        secret = formKey(body);
      }
      const found = context.checkAccess(secret, route.access, project);
      identity = found instanceof Promise ? await found : found;
    }
    const target = request.url as string;
    const mark = target.indexOf('?');
    const query = parseQuery(route.query, mark < 0 ? '' : target.slice(mark + 1));
    if (body === undefined) {
      body = route.body === 'none' ? EMPTY : await readBody(request, await context.bodyLimit(route, project));
    }
    const { method = '', headers } = request;
    const reply = route.handle({ method, path, query, headers, body, identity: identity as Identity });
    const ready = reply instanceof Promise ? await reply : reply;
    await writeReply(ready, response, route.system ? context.status.json() : 'null');
  }
}

/** The field `auth` of a form. */
function formKey(body: Buffer): string | undefined {
  return new URLSearchParams(body.toString()).get('auth') ?? undefined;
}
