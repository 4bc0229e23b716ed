import type { IncomingHttpHeaders } from 'node:http';
import type { AccessRule } from '../../../application/access/access-rules.js';
import type { Call } from '../../../application/inbound/call.js';
import type { Identity } from '../../../domain/api-key.js';
import type { RestErrorCode } from '../response/http-error.js';
import type { Reply } from '../response/reply.js';
import type { HeaderName } from './documented-headers.js';
import type { Parameters, ParameterValues } from './query-parameters.js';
import type { Tag } from './tags.js';

/** A request as handlers see it, whichever way it came. */
export interface ApiRequest<Q = unknown> {
  readonly method: string;
  /** Path parameters, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Query parameters, checked. */
  readonly query: Q;
  readonly headers: IncomingHttpHeaders;
  /** Empty where the route takes none. */
  readonly body: Buffer;
  /** The body as it comes, on routes whose body is a `stream`. */
  readonly chunks: AsyncIterable<Buffer>;
  readonly caller: Identity;
  readonly call: Call;
}

/**
 * What a route takes as its body: nothing; a value as it comes, up to the project's limit; a control body in JSON; a
 * transaction, which is such a body but larger; a form; or a stream of any length, read as it comes.
 */
export type BodyKind = 'none' | 'value' | 'json' | 'transaction' | 'form' | 'stream';

/** What a request may bring as its body: example by content type; the schema, where it is JSON, is the one that checks it. */
export interface Content {
  readonly description?: string;
  /** True where it is left out. */
  readonly required?: boolean;
  readonly schema: object;
  readonly examples: Readonly<Record<string, unknown>>;
}

/** An answer that a route documents: in the envelope where it has a `message`, else raw; without a `type` it has no body. */
export type RouteResponse = EnvelopeResponse | RawResponse;

export interface EnvelopeResponse {
  readonly description: string;
  /** An example of it. */
  readonly message: string;
  /** The schema of `data`; null where it is left out. */
  readonly data?: object;
  readonly example?: unknown;
  readonly headers?: readonly HeaderName[];
  /** What clients get instead who accept that type. */
  readonly alternative?: { readonly type: string; readonly schema: object; readonly example: unknown };
}

export interface RawResponse {
  readonly description: string;
  readonly type?: string;
  readonly schema?: object;
  readonly example?: unknown;
  readonly headers?: readonly HeaderName[];
}

/** One line of the route table: everything else about a route, its documentation too, is derived from it. */
export interface Route<P extends Parameters = Parameters> {
  readonly id: string;
  readonly tag: Tag;
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for one segment and `{name*}` for the rest of the path; each is described in `path-parameters.ts`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: AccessRule | 'open';
  /** Whether it changes anything: all methods but GET do. */
  readonly changes: boolean;
  /** Whether a success shows `System` in its envelope. */
  readonly system: boolean;
  readonly query: P;
  /** The query parameters without which it makes no sense. */
  readonly required?: readonly string[];
  /** Whether it obeys If-Match and its like; a route that changes something and does not refuses them. */
  readonly conditional?: true;
  readonly body: BodyKind;
  /** Whether its answers, other than streams and errors, are compressed for clients that take that. Not where its ETag is strong. */
  readonly compressible?: true;
  /** What the body is, where there is one. */
  readonly content?: Content;
  /** Path parameters for which it has an example other than the usual one. */
  readonly examplePath?: Readonly<Record<string, string>>;
  /** By status, other than errors. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Errors that its handler throws beside those that `error-rules.ts` derives from the members above. */
  readonly errors?: readonly RestErrorCode[];
  readonly handle: (request: ApiRequest<ParameterValues<P>>) => Reply | Promise<Reply>;
}

type Defaulted = 'system' | 'query' | 'body';

/** A route with its usual members filled in. */
export function defineRoute<P extends Parameters>(
  route: Omit<Route<P>, Defaulted | 'changes'> & Partial<Pick<Route<P>, Defaulted>>,
): Route {
  return { system: false, query: {}, body: 'none', changes: route.method !== 'GET', ...route } as unknown as Route;
}
