import type { IncomingMessage, ServerResponse } from 'node:http';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { confine, type Touched } from '../../application/access/authorize.js';
import { type Awaitable, andThen } from '../../application/awaitable.js';
import { InboundPipeline } from '../../application/inbound/inbound-pipeline.js';
import { Keyspaces } from '../../application/keyspace/keyspaces.js';
import { Logger } from '../../application/ports/logger.js';
import { Projects } from '../../application/ports/registry/projects.js';
import { SystemStatus } from '../../application/ports/system-status.js';
import type { Identity } from '../../domain/api-key.js';
import { HttpLimits } from './connection/http-limits.js';
import { requireDialect } from './dialects/require-dialect.js';
import { AccessLog } from './request/access-log.js';
import { apiKeyInForm, isGeneratedKey } from './request/api-key-header.js';
import { bodyChunks, bodyLimitOf, EMPTY, NO_CHUNKS, readBody } from './request/body.js';
import { clientAddresses } from './request/client-address.js';
import { Cors } from './request/cors.js';
import { HttpCall } from './request/http-call.js';
import { refuseConditions } from './request/preconditions.js';
import { HttpError } from './response/http-error.js';
import { restError } from './response/http-words.js';
import type { Reply } from './response/reply.js';
import { systemJson } from './response/system-json.js';
import { envelopeError, writeError, writeResponse } from './response/write-response.js';
import { RestSettings, type TrustedProxies } from './rest-settings.js';
import { type Parameters, type ParameterValues, parseQuery } from './routing/query-parameters.js';
import type { Resource } from './routing/resource.js';
import type { Route, RouteDialect } from './routing/route.js';

/** A request with its response. */
interface Exchange {
  readonly route: Route;
  readonly call: HttpCall;
  /** Path parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Known after authentication. */
  caller?: Identity;
}

/**
 * Handles a matched request. The steps are the methods, in this order: `serve` finds the route, `#authenticate` the
 * caller, `#afterAuthentication` reads query and body, `#handle` calls the use case, `#write` writes the response.
 * docs/architecture.md draws it.
 */
@scoped(Lifecycle.ContainerScoped)
export class RequestPipeline {
  #trusted: TrustedProxies = 0;
  #clientAddress = clientAddresses(this.#trusted);

  constructor(
    @inject(InboundPipeline) private readonly inbound: InboundPipeline,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
    @inject(SystemStatus) private readonly status: SystemStatus,
    @inject(Logger) private readonly log: Logger,
    @inject(Cors) private readonly cors: Cors,
    @inject(AccessLog) private readonly accessLog: AccessLog,
    @inject(HttpLimits) private readonly limits: HttpLimits,
    @inject(RestSettings) private readonly settings: RestSettings,
  ) {}

  /** How the address of a client is found; a reload of the configuration may change whom it trusts. */
  #addressOf(): (request: IncomingMessage) => string {
    const { trustedProxies } = this.settings;
    if (trustedProxies !== this.#trusted) this.#clientAddress = clientAddresses(trustedProxies);
    this.#trusted = trustedProxies;
    return this.#clientAddress;
  }

  /** Synchronous if every step is. Never fails: an error becomes a response. */
  serve(
    resource: Resource,
    path: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Awaitable<void> {
    const start = performance.now();
    let exchange: Exchange | undefined;
    const end = () => this.accessLog.record(exchange?.route, request, response, start);
    const fail = (error: unknown) => {
      if (exchange !== undefined) this.inbound.failed(exchange.call, error);
      this.#writeError(error, exchange, request, response, resource.dialect);
      end();
    };
    try {
      if (request.headers.origin !== undefined) this.cors.setHeaders(path.project, resource, request, response);
      const method = request.method === 'HEAD' ? 'GET' : (request.method as string);
      const route = resource.routes.get(method);
      if (route === undefined) respondWithoutRoute(method, resource, response);
      else {
        const call = new HttpCall(route, path.project, request, response, this.#addressOf());
        exchange = { route, call, path, request, response };
        const responded = this.#authenticate(exchange);
        if (responded instanceof Promise) return responded.then(end, fail);
      }
      end();
    } catch (error) {
      fail(error);
    }
  }

  /** Responds with the error to a request that belongs to no resource. */
  refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    this.#writeError(error, undefined, request, response);
    this.accessLog.record(undefined, request, response, performance.now());
  }

  /** Finds the caller. If no header has a generated key, the key of a form may be in its body. */
  #authenticate(exchange: Exchange): Awaitable<void> {
    const { route, call } = exchange;
    if (route.access === 'open') return this.#afterAuthentication(exchange, undefined);
    this.inbound.countAddress(call);
    const ticket = route.takesTicket ? ticketIn(exchange.request.url as string) : undefined;
    if (ticket !== undefined) return this.#afterAuthentication(exchange, this.inbound.admitTicket(call, ticket));
    if (route.body !== 'form' || call.secrets.some(isGeneratedKey)) {
      return andThen(this.#admit(call, call.secrets), (caller) => this.#afterAuthentication(exchange, caller));
    }
    return andThen(this.#body(exchange), (body) => {
      const inForm = apiKeyInForm(body);
      const secrets = inForm === undefined ? call.secrets : [...call.secrets, inForm];
      return andThen(this.#admit(call, secrets), (caller) => this.#afterAuthentication(exchange, caller, body));
    });
  }

  #admit(call: HttpCall, secrets: readonly string[]): Awaitable<Identity> {
    return secrets.length > 1 ? this.inbound.admitFirst(call, secrets) : this.inbound.admit(call, secrets[0]);
  }

  /** Confines a key with a prefix before the body is read; the use case does that, too. */
  #afterAuthentication(exchange: Exchange, caller: Identity | undefined, form?: Buffer): Awaitable<void> {
    const { route, path, request } = exchange;
    if (caller !== undefined) {
      exchange.caller = caller;
      this.accessLog.setCaller(request, caller);
    }
    if (route.dialect !== undefined) requireDialect(route.dialect.name, path.project, this.projects);
    const target = request.url as string;
    const mark = target.indexOf('?');
    const query = parseQuery(route.query, mark < 0 ? '' : target.slice(mark + 1));
    if (caller?.prefix !== undefined && route.access !== 'open') {
      confine(caller, route.access, { key: path.key ?? query.key, prefix: query.prefix } as Touched);
    }
    if (route.conditional === undefined && route.method !== 'GET') refuseConditions(request.headers);
    const readsNoBody = route.body === 'none' || route.body === 'stream';
    const body = form ?? (readsNoBody ? EMPTY : this.#body(exchange));
    return andThen(body, (whole) => this.#handle(exchange, caller, query, whole));
  }

  #handle(
    exchange: Exchange,
    caller: Identity | undefined,
    query: ParameterValues<Parameters>,
    body: Buffer,
  ): Awaitable<void> {
    const { route, call, path, request, response } = exchange;
    const { method = '', url: target = '', headers } = request;
    const reply = this.inbound.perform(call, caller, () => {
      const chunks = route.body === 'stream' ? bodyChunks(request, response, this.limits.bodyTimeout) : NO_CHUNKS;
      return route.handle({ method, target, path, query, headers, body, chunks, caller: caller as Identity, call });
    });
    return andThen(reply, (known) => this.#write(exchange, known));
  }

  #write({ route, response }: Exchange, reply: Reply): Awaitable<void> {
    const ready = 'resolve' in reply ? reply.resolve((listener) => onClose(response, listener)) : reply;
    return andThen(ready, (known) =>
      writeResponse(known, response, route.system ? systemJson(this.status.current()) : 'null', route.compressible),
    );
  }

  /**
   * Responds with an error. Logs a bug with its stack, and an error after the start of the response with its message.
   */
  #writeError(
    error: unknown,
    exchange: Exchange | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    dialect?: RouteDialect,
  ): void {
    const route = exchange?.route;
    const shown = restError(this.inbound.errorFor(error, exchange?.caller));
    const where = { route: route?.id, request_id: request.headers['x-request-id'] };
    if (!isDisconnect(error)) {
      if (shown.code === 'internal') this.log.error({ err: error, ...where }, 'bug');
      else if (response.headersSent) this.log.error(where, `an answer was cut off: ${(error as Error).message}`);
    }
    // What a key may not ask for must not come with the refusal either.
    const isRefused = shown.code === 'unauthenticated' || shown.code === 'insufficient_scope';
    const system = route?.system && !isRefused ? systemJson(this.status.current()) : 'null';
    writeError(shown, request, response, dialect?.errorShape ?? envelopeError(system));
  }

  #body({ route, path, request, response }: Exchange): Promise<Buffer> | Buffer {
    return andThen(bodyLimitOf(route, path.project, this.keyspaces), (limit) =>
      readBody(request, response, limit, this.limits.bodyTimeout),
    );
  }
}

/** The ticket in the query of a target. */
function ticketIn(target: string): string | undefined {
  const mark = target.indexOf('?');
  return mark < 0 ? undefined : (new URLSearchParams(target.slice(mark)).get('ticket') ?? undefined);
}

function respondWithoutRoute(method: string, { allow, options }: Resource, response: ServerResponse): void {
  if (method === 'OPTIONS') void writeResponse({ status: 204, headers: options }, response, 'null');
  else throw new HttpError('method_not_allowed', `${method} is not possible here; possible: ${allow}`, { allow });
}

function onClose(response: ServerResponse, listener: () => void): void {
  if (response.closed) listener();
  else response.once('close', listener);
}

/** Whether an error only means that the client has disconnected, which is not logged. */
function isDisconnect(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
