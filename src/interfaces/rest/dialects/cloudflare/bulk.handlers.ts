import { isUtf8 } from 'node:buffer';
import { inject, injectable } from 'tsyringe';
import { RunTransaction } from '../../../../application/entries/run-transaction.js';
import { Clock } from '../../../../application/ports/clock.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { MAX_OPERATIONS } from '../../../../domain/limits.js';
import type { Operation } from '../../../../domain/operation.js';
import { formOf } from '../../../../domain/value.js';
import { projectOf } from '../../request/path-values.js';
import type { Reply } from '../../response/reply.js';
import type { ApiRequest } from '../../routing/route.js';
import { readBulkRead, readKeys, readPairs } from './cloudflare.bodies.js';
import { success } from './cloudflare-envelope.js';

/** Many keys of a namespace at once. */
@injectable()
export class BulkHandlers {
  constructor(
    @inject(RunTransaction) private readonly runTransaction: RunTransaction,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const { keys, type, withMetadata = false } = readBulkRead(request.body);
    const operations = [...new Set(keys)].map((key) => ({ kind: 'get', key }) as const);
    const found = await this.#run(request, operations);
    const values = found.map(({ read }, i) => {
      const key = operations[i]?.key ?? '';
      if (read === undefined) return `${JSON.stringify(key)}:null`;
      const value = valueJson(read, type === 'json');
      return `${JSON.stringify(key)}:${withMetadata ? withMetadataJson(value, read) : value}`;
    });
    return success(`{"values":{${values.join(',')}}}`);
  };

  readonly put = (request: ApiRequest): Promise<Reply> =>
    this.#write(request, readPairs(request.body, this.clock.now()));

  readonly delete = (request: ApiRequest): Promise<Reply> =>
    this.#write(
      request,
      readKeys(request.body).map((key) => ({ kind: 'delete', key })),
    );

  /** As many at a time as a transaction may have. */
  async #write(request: ApiRequest, operations: readonly Operation[]): Promise<Reply> {
    for (let from = 0; from < operations.length; from += MAX_OPERATIONS) {
      await this.#run(request, operations.slice(from, from + MAX_OPERATIONS), from);
    }
    return success(JSON.stringify({ successful_key_count: operations.length, unsuccessful_keys: [] }));
  }

  /** `from` is the position of the first operation in the body, for messages. A key that comes again wins. */
  async #run(request: ApiRequest, operations: readonly Operation[], from = 0) {
    const transaction = { checks: [], operations, sequential: true };
    try {
      return await this.runTransaction.execute(request.caller, projectOf(request), transaction);
    } catch (error) {
      throw error instanceof AppError ? withPlace(error, from) : error;
    }
  }
}

/** The error with the place in the body of the client instead of that in a transaction. */
function withPlace(error: AppError, from: number): AppError {
  const message = error.message.replace(
    /^operations\[(\d+)\](?:\.\w+)?(\.key)?(?=: )/,
    (_, position: string, key = '') => `[${from + Number(position)}]${key}`,
  );
  if (message === error.message) return error;
  return new AppError(error.code, message, { cause: error });
}

/** A value as JSON text. Throws `unprocessable` for bytes that are no text, and no JSON if that is asked for. */
function valueJson({ key, value }: Entry, asJson: boolean): string {
  const bytes = Buffer.from(value);
  if (!isUtf8(bytes)) throw unprocessable(key, 'is no UTF-8 text; it can be read by its key alone');
  if (!asJson) return JSON.stringify(bytes.toString());
  if (formOf(bytes) === 'json') return bytes.toString();
  throw unprocessable(key, 'is not JSON');
}

function withMetadataJson(value: string, { meta, expiresAt }: Entry): string {
  const expiration = expiresAt === undefined ? '' : `,"expiration":${Math.ceil(expiresAt / 1000)}`;
  return `{"value":${value},"metadata":${meta ?? 'null'}${expiration}}`;
}

function unprocessable(key: string, why: string): AppError {
  return new AppError('unprocessable', `The value of key '${key}' ${why}`);
}
