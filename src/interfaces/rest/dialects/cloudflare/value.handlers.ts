import { inject, injectable } from 'tsyringe';
import { ChangeEntry } from '../../../../application/entries/change-entry.js';
import { GetEntry } from '../../../../application/entries/get-entry.js';
import { ListEntries } from '../../../../application/entries/list-entries.js';
import { Clock } from '../../../../application/ports/clock.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { DEFAULT_TYPES, formOf } from '../../../../domain/value.js';
import { cursorOf, readCursor } from '../../entries/list-cursor.js';
import { keyOf, projectOf } from '../../request/path-values.js';
import type { Reply } from '../../response/reply.js';
import { integer, type ParameterValues, text } from '../../routing/query-parameters.js';
import type { ApiRequest } from '../../routing/route.js';
import { readValue } from './cloudflare.bodies.js';
import { KEY_NOT_FOUND, success } from './cloudflare-envelope.js';
import { expiryOf, secondsOf } from './cloudflare-expiry.js';

const PAGE = 1000;

export const expiryParameters = {
  expiration: text('When the key expires, in seconds since 1970.'),
  expiration_ttl: text('Seconds until the key expires.'),
};

export const keyParameters = {
  prefix: text('Only keys that begin so.'),
  limit: integer('How many keys a page has at most.', 1, PAGE),
  cursor: text('Where to go on: the cursor of the page before; empty for the first one.'),
};

/** Single keys of a namespace, and the list of them. */
@injectable()
export class ValueHandlers {
  constructor(
    @inject(GetEntry) private readonly getEntry: GetEntry,
    @inject(ChangeEntry) private readonly changeEntry: ChangeEntry,
    @inject(ListEntries) private readonly listEntries: ListEntries,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const { value, expiresAt } = await this.#read(request);
    const headers = { 'Content-Type': DEFAULT_TYPES.base64, 'Cache-Control': 'private, no-cache' };
    const expiry = expiresAt === undefined ? {} : { Expiration: String(Math.ceil(expiresAt / 1000)) };
    return { status: 200, headers: { ...headers, ...expiry }, body: value };
  };

  readonly getMetadata = async (request: ApiRequest): Promise<Reply> =>
    success((await this.#read(request)).meta ?? 'null');

  readonly put = async (request: ApiRequest<ParameterValues<typeof expiryParameters>>): Promise<Reply> => {
    const { query, caller, body, headers } = request;
    const expiration = secondsOf(query.expiration, 'expiration');
    const ttl = secondsOf(query.expiration_ttl, 'expiration_ttl');
    const expiry = expiryOf({ expiration, expiration_ttl: ttl }, this.clock.now());
    const { value, meta } = readValue(body, headers['content-type']);
    const contentType = DEFAULT_TYPES[formOf(value)];
    const operation = { kind: 'put', key: keyOf(request), value, contentType, expiry, meta } as const;
    await this.changeEntry.execute(caller, projectOf(request), operation);
    return success('null');
  };

  /** Succeeds for a key that does not exist, as Cloudflare's does. */
  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    const operation = { kind: 'delete', key: keyOf(request) } as const;
    try {
      await this.changeEntry.execute(request.caller, projectOf(request), operation);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return success('null');
  };

  readonly list = async (request: ApiRequest<ParameterValues<typeof keyParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { prefix, limit = PAGE, cursor: asked } = request.query;
    const from = asked ? readCursor(project, asked) : undefined;
    const page = await this.listEntries.heads(request.caller, project, { prefix, limit, from }, 'metadata');
    const cursor = page.next === undefined ? '' : cursorOf(project, page.next);
    const info = JSON.stringify({ count: page.entries.length, cursor });
    return success(`[${page.entries.map(keyJson).join(',')}]`, info);
  };

  async #read(request: ApiRequest): Promise<Entry> {
    try {
      return await this.getEntry.execute(request.caller, projectOf(request), keyOf(request));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new AppError('not_found', "get: 'key not found'", { details: KEY_NOT_FOUND });
    }
  }
}

function keyJson({ key, expiresAt, meta }: EntryHead): string {
  const expiration = expiresAt === undefined ? '' : `,"expiration":${Math.ceil(expiresAt / 1000)}`;
  return `{"name":${JSON.stringify(key)}${expiration}${meta === undefined ? '' : `,"metadata":${meta}`}}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not_found';
}
