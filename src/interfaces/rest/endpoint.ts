import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { CheckAccess } from '../../application/access/check-access.js';
import { chain } from '../../application/chain.js';
import { Keyspaces } from '../../application/ports/keyspaces.js';
import { Logger } from '../../application/ports/logger.js';
import { Projects } from '../../application/ports/projects.js';
import { ServerSettings } from '../../application/ports/server-settings.js';
import type { Awaitable } from '../../application/ports/store.js';
import { SystemStatus } from '../../application/ports/system-status.js';
import { unknownProject } from '../../application/projects/existing.js';
import { type AccessRule, confine, type Touched } from '../../domain/access.js';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { bodyLimitOf } from './body-limit.js';
import { CrossOrigin } from './cross-origin.js';
import { refuseConditions } from './etag.js';
import { HttpLimits } from './http-limits.js';
import { type Parameters, type ParameterValues, parseQuery } from './parameter.js';
import { keyInForm, presentedKey } from './presented-key.js';
import { problems, shown } from './problem.js';
import { writeError, writeReply } from './reply-writer.js';
import { RequestAccount } from './request-account.js';
import { RequestAudit } from './request-audit.js';
import { bodyChunks, EMPTY, NO_CHUNKS, readBody } from './request-body.js';
import { RequestRates } from './request-rates.js';
import type { Resource } from './resource.js';
import type { Reply, Route } from './route.js';

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
export class Endpoint {
  #waiting = 0;

  constructor(
    @inject(CheckAccess) private readonly checkAccess: CheckAccess,
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(ServerSettings) private readonly settings: ServerSettings,
    @inject(SystemStatus) private readonly status: SystemStatus,
    @inject(Logger) private readonly log: Logger,
    @inject(CrossOrigin) private readonly crossOrigin: CrossOrigin,
    @inject(RequestRates) private readonly rates: RequestRates,
    @inject(RequestAccount) private readonly account: RequestAccount,
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
    const end = () => this.account.answered(route, request, response, start);
    const fail = (error: unknown) => {
      if (route !== undefined) this.audit.failed(route, path.project, request, shown(error));
      this.#fail(error, route, request, response);
      end();
    };
    try {
      if (request.headers.origin !== undefined) this.crossOrigin.announce(path.project, resource, request, response);
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
    this.account.answered(undefined, request, response, performance.now());
  }

  /** An error that is not meant for clients is logged with its stack, one that they cannot be told any more with its message. */
  #fail(error: unknown, route: Route | undefined, request: IncomingMessage, response: ServerResponse): void {
    const problem = shown(error);
    const where = { route: route?.id, request_id: request.headers['x-request-id'] };
    if (!hasLeft(error)) {
      if (problem.code === 'internal') this.log.error({ err: error, ...where }, 'bug');
      else if (response.headersSent) this.log.error(where, `an answer was cut off: ${problem.message}`);
    }
    const { status } = problems[problem.code];
    const system = route?.system && status !== 401 ? this.status.json() : 'null';
    writeError(problem, request, response, system);
  }

  #answer(exchange: Exchange): Awaitable<void> {
    const { route, request, response } = exchange;
    if (route.access === 'open') return this.#admitted(exchange, undefined);
    this.rates.countAddress(request, response);
    const secret = presentedKey(request.headers);
    if (secret !== undefined || route.body !== 'form') {
      return chain(this.#admit(secret, route.access, exchange), (identity) => this.#admitted(exchange, identity));
    }
    const { access } = route;
    return chain(this.#body(exchange), (body) =>
      chain(this.#admit(keyInForm(body), access, exchange), (identity) => this.#admitted(exchange, identity, body)),
    );
  }

  #admitted(exchange: Exchange, identity: Identity | undefined, form?: Buffer): Awaitable<void> {
    const { route, path, request, response } = exchange;
    if (identity !== undefined) {
      this.account.caller(request, identity);
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
    return chain(body, (whole) => this.#handle(exchange, identity as Identity, query, whole));
  }

  #handle(exchange: Exchange, identity: Identity, query: ParameterValues<Parameters>, body: Buffer): Awaitable<void> {
    const { route, path, request, response } = exchange;
    if (this.#waiting >= this.limits.maxWaiting)
      throw new AppError('unavailable', 'The server is overloaded; try again');
    const { method = '', headers } = request;
    const chunks = route.body === 'stream' ? bodyChunks(request, response, this.limits.bodyTimeout) : NO_CHUNKS;
    const reply = route.handle({ method, path, query, headers, body, chunks, identity });
    return chain(reply instanceof Promise ? this.#awaited(reply) : reply, (known) =>
      this.audit.concerns(route) === undefined
        ? this.#write(exchange, known)
        : this.audit.done(route, path.project, request, identity).then(() => this.#write(exchange, known)),
    );
  }

  #write({ route, response }: Exchange, reply: Reply): Awaitable<void> {
    const ready = 'later' in reply ? reply.later((listener) => onClose(response, listener)) : reply;
    return chain(ready, (known) =>
      writeReply(known, response, route.system ? this.status.json() : 'null', route.compressible),
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
    return chain(bodyLimitOf(route, path.project, this.keyspaces), (limit) =>
      readBody(request, response, limit, this.limits.bodyTimeout),
    );
  }
}

function answerWithoutRoute(method: string, { allow, options }: Resource, response: ServerResponse): void {
  if (method === 'OPTIONS') void writeReply({ status: 204, headers: options }, response, 'null');
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
