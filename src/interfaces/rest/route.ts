import type { IncomingHttpHeaders } from 'node:http';
import type { AccessRule } from '../../domain/access.js';
import type { Identity } from '../../domain/api-key.js';
import type { AppError } from '../../domain/errors.js';
import type { Parameters, ParameterValues } from './parameter.js';

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
  readonly identity: Identity;
}

export type Body = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/** An answer: raw, or in the envelope where it has a `message`. */
export type Reply = RawReply | EnvelopeReply;

export interface RawReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

export interface EnvelopeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message: string;
  /** JSON text; pieces of it where it is streamed; left out for null. */
  readonly data?: string | AsyncIterable<string>;
}

/**
 * What a route takes as its body: nothing; a value as it comes, up to the project's limit; a control body in JSON; a
 * transaction, which is such a body but larger; a form.
 */
export type BodyKind = 'none' | 'value' | 'json' | 'transaction' | 'form';

/** An answer that a route documents. */
export interface Answer {
  readonly description: string;
  readonly schema?: object;
  readonly contentType?: string;
  readonly example?: unknown;
}

/** One line of the route table: everything else about a route is derived from it. */
export interface Route<P extends Parameters = Parameters> {
  readonly id: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for one segment and `{name*}` for the rest of the path. */
  readonly path: string;
  readonly summary: string;
  readonly access: AccessRule | 'open';
  /** Whether a success shows `System` in its envelope. */
  readonly system: boolean;
  readonly query: P;
  /** Whether it obeys If-Match and If-None-Match. */
  readonly conditional?: true;
  readonly body: BodyKind;
  /** Whether its answers, other than streams and errors, are compressed for clients that take that. Not where its ETag is strong. */
  readonly compressible?: true;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (request: ApiRequest<ParameterValues<P>>) => Reply | Promise<Reply>;
}

export type ErrorReply = { readonly error: AppError };
