import type { IncomingHttpHeaders } from 'node:http';
import type { AccessRule } from '../../../application/access/access-rules.js';
import type { Call } from '../../../application/inbound/call.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Dialect } from '../../../domain/project.js';
import type { RestErrorCode } from '../response/http-error.js';
import type { Reply } from '../response/reply.js';
import type { ErrorShape } from '../response/write-response.js';
import type { HeaderName } from './documented-headers.js';
import type { Parameters, ParameterValues } from './query-parameters.js';
import type { Tag } from './tags.js';

/** A request as handlers see it, from the fast path or from express. */
export interface ApiRequest<Q = unknown> {
  readonly method: string;
  /** Its path and query as they were sent. */
  readonly target: string;
  /** Path parameters, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Query parameters, checked. */
  readonly query: Q;
  readonly headers: IncomingHttpHeaders;
  /** Empty if the route takes no body. */
  readonly body: Buffer;
  /** The chunks of the body, on routes whose body is a `stream`. */
  readonly chunks: AsyncIterable<Buffer>;
  readonly caller: Identity;
  readonly call: Call;
}

/**
 * The body of a route: none; a value, up to the project's limit; the same, or a form that has it; a control body in
 * JSON; a transaction, which is a larger control body; a form; or a stream of any length.
 */
export type BodyKind = 'none' | 'value' | 'value-or-form' | 'json' | 'transaction' | 'form' | 'stream';

/**
 * The body of a request: an example for each content type, and a schema. If it is JSON, the schema is the one that
 * checks it.
 */
export interface Content {
  readonly description?: string;
  /** True if it is left out. */
  readonly required?: boolean;
  readonly schema: object;
  readonly examples: Readonly<Record<string, unknown>>;
}

/**
 * A response in a route's documentation: in the envelope if it has a `message`, else raw; without a `type` it has no
 * body.
 */
export type RouteResponse = EnvelopeResponse | RawResponse;

export interface EnvelopeResponse {
  readonly description: string;
  /** An example of the message. */
  readonly message: string;
  /** The schema of `data`, which is null if this is left out. */
  readonly data?: object;
  readonly example?: unknown;
  readonly headers?: readonly HeaderName[];
  /** The response to clients that accept this type. */
  readonly alternative?: { readonly type: string; readonly schema: object; readonly example: unknown };
}

export interface RawResponse {
  readonly description: string;
  readonly type?: string;
  readonly schema?: object;
  readonly example?: unknown;
  readonly headers?: readonly HeaderName[];
}

/** The interface of another server: a route of it exists only for projects that name it. */
export interface RouteDialect {
  readonly name: Dialect;
  /** Errors as that server shows them. */
  readonly errorShape: ErrorShape;
}

/** One entry of the route table: everything else about a route, also its documentation, is derived from it. */
export interface Route<P extends Parameters = Parameters> {
  readonly id: string;
  readonly tag: Tag;
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /**
   * With `{name}` for one segment and `{name*}` for the rest of the path; each is described in `path-parameters.ts`.
   */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: AccessRule | 'open';
  /** Routes of a dialect are not described in the OpenAPI document. */
  readonly dialect?: RouteDialect;
  /** Whether it changes anything, as all methods except GET do. */
  readonly changes: boolean;
  /** Whether it is recorded in the audit log as administrative operations are. */
  readonly audited?: true;
  /** Whether the query parameter `ticket` can stand for a key. */
  readonly takesTicket?: true;
  /** Whether a success has `System` in its envelope. */
  readonly system: boolean;
  readonly query: P;
  /** The query parameters that must be given. */
  readonly required?: readonly string[];
  /** Whether it honours preconditions such as If-Match; a route that changes something and does not refuses them. */
  readonly conditional?: true;
  /** Whether it honours Range and If-Range. */
  readonly ranged?: true;
  readonly body: BodyKind;
  /**
   * Whether its responses, except endless streams and errors, are compressed for clients that accept that. Not if its
   * ETag is strong.
   */
  readonly compressible?: true;
  /** The description of the body, if it has one. */
  readonly content?: Content;
  /** Examples of path parameters that differ from the usual ones. */
  readonly examplePath?: Readonly<Record<string, string>>;
  /** By status, without errors. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Errors of its handler beside those that `openapi/route-errors.ts` derives from the members above. */
  readonly errors?: readonly RestErrorCode[];
  readonly handle: (request: ApiRequest<ParameterValues<P>>) => Reply | Promise<Reply>;
}

type Defaulted = 'system' | 'query' | 'body';

/** The routes, and each PUT also by POST, for clients that can only do that. */
export function alsoByPost(routes: readonly Route[]): readonly Route[] {
  return routes.flatMap((route) => (route.method === 'PUT' ? [route, byPost(route)] : [route]));
}

function byPost(route: Route): Route {
  return {
    ...route,
    id: route.id.replace(/^put/, 'post'),
    method: 'POST',
    summary: `${route.summary}, as PUT does`,
    description: `For clients that cannot send PUT. ${route.description ?? ''}`,
  };
}

/** A route with its usual members filled in. */
export function defineRoute<P extends Parameters>(
  route: Omit<Route<P>, Defaulted | 'changes'> & Partial<Pick<Route<P>, Defaulted>>,
): Route {
  return { system: false, query: {}, body: 'none', changes: route.method !== 'GET', ...route } as unknown as Route;
}
