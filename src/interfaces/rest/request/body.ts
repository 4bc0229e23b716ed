import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Awaitable, andThen } from '../../../application/awaitable.js';
import type { Keyspaces } from '../../../application/keyspace/keyspaces.js';
import { AppError } from '../../../domain/errors.js';
import { hasBody } from '../response/close-connection.js';
import type { Route } from '../routing/route.js';
import { enforceMinimumRate } from './body-timeout.js';

/** How large a body may be, and the setting of that limit, if there is one. */
export interface BodyLimit {
  readonly bytes: number;
  readonly setting?: string;
}

const CONTROL: BodyLimit = { bytes: 1024 * 1024 };
/** What a form may have beside a value. */
const AROUND_VALUE = 64 * 1024;
const MANY: BodyLimit = { bytes: 8 * 1024 * 1024 };

/** The limit of a route's body. The limit of a value is a setting of its project. */
export function bodyLimitOf(route: Route, project: string | undefined, keyspaces: Keyspaces): Awaitable<BodyLimit> {
  if (route.body === 'json') return CONTROL;
  if (route.body === 'form' || route.body === 'transaction') return MANY;
  return andThen(keyspaces.of(project as string), ({ rules }) => ({
    bytes: rules.maxValueBytes + (route.body === 'value-or-form' ? AROUND_VALUE : 0),
    setting: 'max_value_bytes',
  }));
}

/** The body of a request without one. */
export const EMPTY = Buffer.alloc(0);
export const NO_CHUNKS: AsyncIterable<Buffer> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

/**
 * Reads the whole body, for which the client may take `allowed` ms. Rejects with `too_large` as soon as the announced
 * or received bytes exceed the limit, without reading more. A client that expects 100 Continue receives it only here.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: BodyLimit,
  allowed: number,
): Promise<Buffer> {
  if (!hasBody(request)) return Promise.resolve(EMPTY);
  const encoded = encodingProblem(request);
  if (encoded !== undefined) return Promise.reject(encoded);
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > limit.bytes)
    return Promise.reject(tooLarge(limit, Number(announced)));
  if (request.headers.expect !== undefined) response.writeContinue();
  return collect(request, limit, allowed);
}

/**
 * The chunks of a body of any length. Rejects with `timeout` if it arrives too slowly for longer than `allowed` ms.
 * After reading only a part the response can still be written.
 */
export async function* bodyChunks(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: number,
): AsyncGenerator<Buffer> {
  if (!hasBody(request)) return;
  const encoded = encodingProblem(request);
  if (encoded !== undefined) throw encoded;
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks = request.iterator({ destroyOnReturn: false });
  let fail: (late: AppError) => void = () => undefined;
  const stopChecking = enforceMinimumRate(request, allowed, () =>
    fail(new AppError('timeout', 'The body comes too slowly')),
  );
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        fail = reject;
        chunks.next().then(resolve, () => reject(endedEarly()));
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    stopChecking();
  }
}

function encodingProblem({ headers }: IncomingMessage): AppError | undefined {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined;
  const message = `Content-Encoding "${encoding}" is not understood; send the body as it is`;
  return new AppError('unsupported_media_type', message);
}

function endedEarly(): AppError {
  return new AppError('invalid', 'The request ended before its body did');
}

function collect(request: IncomingMessage, limit: BodyLimit, allowed: number): Promise<Buffer> {
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit.bytes) {
        request.removeAllListeners('data');
        reject(tooLarge(limit, undefined));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)));
    // Most bodies arrive with their header and are complete by now: those need no checks.
    process.nextTick(() => {
      if (!request.complete && length !== Number(request.headers['content-length'])) check(request, allowed, reject);
    });
  });
}

/** Rejects if the rest of a body arrives too slowly or not at all. */
function check(request: IncomingMessage, allowed: number, reject: (error: AppError) => void): void {
  const late = () => reject(new AppError('timeout', 'The body took too long to arrive'));
  const stopChecking = enforceMinimumRate(request, allowed, late);
  request.on('end', stopChecking);
  const broken = () => {
    stopChecking();
    if (!request.complete) reject(endedEarly());
  };
  if (request.closed) broken();
  else request.on('close', broken);
}

function tooLarge({ bytes, setting }: BodyLimit, sent: number | undefined): AppError {
  const what = sent === undefined ? 'more' : `${sent}`;
  return new AppError('too_large', `The body may have at most ${bytes} bytes, ${what} were sent`, {
    details: {
      ...(setting === undefined ? {} : { limit: setting }),
      limit_bytes: bytes,
      ...(sent === undefined ? {} : { sent_bytes: sent }),
    },
  });
}
