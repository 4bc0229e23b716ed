import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { type AccessRule, confine, type Touched } from '../../application/access/authorize.js';
import { CheckAccess } from '../../application/access/check-access.js';
import { unknownProject } from '../../application/access/require-project.js';
import { type Awaitable, andThen } from '../../application/awaitable.js';
import { Keyspaces } from '../../application/keyspace/keyspaces.js';
import { Logger } from '../../application/ports/logger.js';
import { Projects } from '../../application/ports/registry/projects.js';
import { ServerSettings } from '../../application/ports/server-settings.js';
import { SystemStatus } from '../../application/ports/system-status.js';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { HttpLimits } from './connection/http-limits.js';
import { AccessLog } from './request/access-log.js';
import { apiKeyInForm, apiKeyOf } from './request/api-key-header.js';
import { RequestAudit } from './request/audit.js';
import { bodyChunks, EMPTY, NO_CHUNKS, readBody } from './request/body.js';
import { bodyLimitOf } from './request/body-limit.js';
import { Cors } from './request/cors.js';
import { refuseConditions } from './request/preconditions.js';
import { RequestRates } from './request/rate-limit.js';
import { errorTable, toAppError } from './response/error-response.js';
import { writeError, writeResponse } from './response/write-response.js';
import { type Parameters, type ParameterValues, parseQuery } from './routing/query-parameters.js';
import type { Resource } from './routing/resource.js';
import type { Reply, Route } from './routing/route.js';

/** A request on its way to its answer. */
interface Exchange {
  readonly route: Route;
  /** Path parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Carries a matched request through access, body and handler to its answer, whoever matched it. */
@injectable()
export class RequestPipeline {
  #waiting = 0;

  constructor(
    @inject(CheckAccess) private readonly checkAccess: CheckAccess,
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(ServerSettings) private readonly settings: ServerSettings,
    @inject(SystemStatus) private readonly status: SystemStatus,
    @inject(Logger) private readonly log: Logger,
    @inject(Cors) private readonly crossOrigin: Cors,
    @inject(RequestRates) private readonly rates: RequestRates,
    @inject(AccessLog) private readonly account: AccessLog,
    @inject(RequestAudit) private readonly audit: RequestAudit,
    @inject(HttpLimits) private readonly limits: HttpLimits,
  ) {}

  /** At once where everything that it needs is there at once. Never fails: what goes wrong is answered. */
  serve(
    resource: Resource,
    path: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Awaitable<void> {
    const start = performance.now();
    let route: Route | undefined;
    const end = () => this.account.record(route, request, response, start);
    const fail = (error: unknown) => {
      if (route !== undefined) this.audit.failed(route, path.project, request, toAppError(error));
      this.#fail(error, route, request, response);
      end();
    };
    try {
      if (request.headers.origin !== undefined) this.crossOrigin.setHeaders(path.project, resource, request, response);
      const method = request.method === 'HEAD' ? 'GET' : (request.method as string);
      route = resource.routes.get(method);
      const answered =
        route === undefined
          ? answerWithoutRoute(method, resource, response)
          : this.#answer({ route, path, request, response });
      if (answered instanceof Promise) return answered.then(end, fail);
      end();
    } catch (error) {
      fail(error);
    }
  }

  /** Answers a request that belongs to no resource. */
  refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    this.#fail(error, undefined, request, response);
    this.account.record(undefined, request, response, performance.now());
  }

  /** An error that is not meant for clients is logged with its stack, one that they cannot be told any more with its message. */
  #fail(error: unknown, route: Route | undefined, request: IncomingMessage, response: ServerResponse): void {
    const problem = toAppError(error);
    const where = { route: route?.id, request_id: request.headers['x-request-id'] };
    if (!hasLeft(error)) {
      if (problem.code === 'internal') this.log.error({ err: error, ...where }, 'bug');
      else if (response.headersSent) this.log.error(where, `an answer was cut off: ${problem.message}`);
    }
    const { status } = errorTable[problem.code];
    const system = route?.system && status !== 401 ? this.status.json() : 'null';
    writeError(problem, request, response, system);
  }

  #answer(exchange: Exchange): Awaitable<void> {
    const { route, request, response } = exchange;
    if (route.access === 'open') return this.#admitted(exchange, undefined);
    this.rates.countAddress(request, response);
    const secret = apiKeyOf(request.headers);
    if (secret !== undefined || route.body !== 'form') {
      return andThen(this.#admit(secret, route.access, exchange), (identity) => this.#admitted(exchange, identity));
    }
    const { access } = route;
    return andThen(this.#body(exchange), (body) =>
      andThen(this.#admit(apiKeyInForm(body), access, exchange), (identity) =>
        this.#admitted(exchange, identity, body),
      ),
    );
  }

  #admitted(exchange: Exchange, identity: Identity | undefined, form?: Buffer): Awaitable<void> {
    const { route, path, request, response } = exchange;
    if (identity !== undefined) {
      this.account.setCaller(request, identity);
      this.rates.countKey(identity, response);
    }
    const target = request.url as string;
    const mark = target.indexOf('?');
    const query = parseQuery(route.query, mark < 0 ? '' : target.slice(mark + 1));
    if (identity?.prefix !== undefined && route.access !== 'open') {
      confine(identity, route.access, { key: path.key ?? query.key, prefix: query.prefix } as Touched);
    }
    if (route.conditional === undefined && route.method !== 'GET') refuseConditions(request.headers);
    const taken = route.body === 'none' || route.body === 'stream';
    const body = form ?? (taken ? EMPTY : this.#body(exchange));
    return andThen(body, (whole) => this.#handle(exchange, identity as Identity, query, whole));
  }

  #handle(exchange: Exchange, identity: Identity, query: ParameterValues<Parameters>, body: Buffer): Awaitable<void> {
    const { route, path, request, response } = exchange;
    if (this.#waiting >= this.limits.maxWaiting)
      throw new AppError('unavailable', 'The server is overloaded; try again');
    const { method = '', headers } = request;
    const chunks = route.body === 'stream' ? bodyChunks(request, response, this.limits.bodyTimeout) : NO_CHUNKS;
    const reply = route.handle({ method, path, query, headers, body, chunks, identity });
    return andThen(reply instanceof Promise ? this.#awaited(reply) : reply, (known) =>
      this.audit.concerns(route) === undefined
        ? this.#write(exchange, known)
        : this.audit.done(route, path.project, request, identity).then(() => this.#write(exchange, known)),
    );
  }

  #write({ route, response }: Exchange, reply: Reply): Awaitable<void> {
    const ready = 'resolve' in reply ? reply.resolve((listener) => onClose(response, listener)) : reply;
    return andThen(ready, (known) =>
      writeResponse(known, response, route.system ? this.status.json() : 'null', route.compressible),
    );
  }

  /** An unknown project is told as such only where projects are no secret; else it costs and answers what a foreign one does. */
  #admit(secret: string | undefined, rule: AccessRule, { path: { project }, request }: Exchange): Awaitable<Identity> {
    if (rule.allow === 'project' && project !== undefined && this.settings.projectDiscoverable) {
      if (this.projects.get(project) === undefined) throw unknownProject(project);
    }
    return this.checkAccess.execute(secret, rule, project, () => this.rates.addressOf(request));
  }

  #awaited(reply: Promise<Reply>): Promise<Reply> {
    this.#waiting += 1;
    reply.then(this.#whenKnown, this.#whenKnown);
    return reply;
  }

  readonly #whenKnown = (): void => {
    this.#waiting -= 1;
  };

  #body({ route, path, request, response }: Exchange): Promise<Buffer> | Buffer {
    return andThen(bodyLimitOf(route, path.project, this.keyspaces), (limit) =>
      readBody(request, response, limit, this.limits.bodyTimeout),
    );
  }
}

function answerWithoutRoute(method: string, { allow, options }: Resource, response: ServerResponse): void {
  if (method === 'OPTIONS') void writeResponse({ status: 204, headers: options }, response, 'null');
  else
    throw new AppError('method_not_allowed', `${method} is not possible here; possible: ${allow}`, {
      details: { allow },
    });
}

function onClose(response: ServerResponse, listener: () => void): void {
  if (response.closed) listener();
  else response.once('close', listener);
}

/** Whether an error only says that the client has left, of which nobody needs to hear. */
function hasLeft(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
