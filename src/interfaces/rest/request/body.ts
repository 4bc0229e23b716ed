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
const MANY: BodyLimit = { bytes: 8 * 1024 * 1024 };

/** The limit of a route's body. The limit of a value is a setting of its project. */
export function bodyLimitOf(route: Route, project: string | undefined, keyspaces: Keyspaces): Awaitable<BodyLimit> {
  if (route.body === 'json') return CONTROL;
  if (route.body === 'form' || route.body === 'transaction') return MANY;
  return andThen(keyspaces.of(project as string), ({ rules }) => ({
    bytes: rules.maxValueBytes,
    setting: 'max_value_bytes',
  }));
}

/** What a request has as its body where it has none. */
export const EMPTY = Buffer.alloc(0);
export const NO_CHUNKS: AsyncIterable<Buffer> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

/**
 * The whole body, for which the client may take `allowed` ms. `too_large` as soon as it is announced or seen to be over the limit
 * (bytes), without reading on; a client that waits for leave to send it gets that only here.
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
 * The body as it comes, however long it is. Rejects with `timeout` when it comes too slowly for longer than `allowed` ms. Who stops
 * reading early can still answer.
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
  const unwatch = enforceMinimumRate(request, allowed, () =>
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
    unwatch();
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
    let unwatch: (() => void) | undefined;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit.bytes) {
        request.removeAllListeners('data');
        reject(tooLarge(limit, undefined));
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      unwatch?.();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
    });
    const broken = () => {
      unwatch?.();
      if (!request.complete) reject(endedEarly());
    };
    request.on('close', broken);
    // Most bodies come with their header and are here by now: those need no watch.
    process.nextTick(() => {
      if (request.complete || length === Number(request.headers['content-length'])) return;
      const late = () => reject(new AppError('timeout', 'The body took too long to arrive'));
      unwatch = enforceMinimumRate(request, allowed, late);
    });
  });
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
