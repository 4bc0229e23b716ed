import { isUtf8 } from 'node:buffer';
import { inject, injectable } from 'tsyringe';
import { ChangeEntry } from '../../../../application/entries/change-entry.js';
import { GetEntry } from '../../../../application/entries/get-entry.js';
import { ListEntries, type ListPage } from '../../../../application/entries/list-entries.js';
import { RemoveEntries } from '../../../../application/entries/remove-entries.js';
import { Clock } from '../../../../application/ports/clock.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { DEFAULT_TYPES, formOf, isJsonType } from '../../../../domain/value.js';
import { contentTypeHeader } from '../../entries/content-type-header.js';
import { expiryOf } from '../../entries/expiry-parameters.js';
import { projectOf } from '../../request/path-values.js';
import { httpDate } from '../../response/http-date.js';
import type { Reply } from '../../response/reply.js';
import type { ApiRequest } from '../../routing/route.js';
import { basePrefix, isBase, isItemKey, itemKey } from './item-key.js';

const BYTES = 'application/octet-stream';
const PAGE = 1000;
const OK: Reply = { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'OK' };
/** What unstorage sends with every text, so that it says nothing about the value. */
const UNSPECIFIC = /^\s*(?:application\/json|text\/plain)\s*(?:;|$)/i;

/** Items as unstorage's driver `http` reads and writes them. */
@injectable()
export class UnstorageHandlers {
  constructor(
    @inject(GetEntry) private readonly getEntry: GetEntry,
    @inject(ChangeEntry) private readonly changeEntry: ChangeEntry,
    @inject(ListEntries) private readonly listEntries: ListEntries,
    @inject(RemoveEntries) private readonly removeEntries: RemoveEntries,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  readonly read = async (request: ApiRequest): Promise<Reply> => {
    if (isBase(request) && request.method === 'GET') return this.#list(request);
    const entry = await this.getEntry.execute(request.caller, projectOf(request), itemKey(request));
    const type = request.headers.accept === BYTES ? BYTES : textTypeOf(entry);
    return { status: 200, headers: { 'Content-Type': type, ...this.#metadata(entry) }, body: entry.value };
  };

  readonly set = async (request: ApiRequest): Promise<Reply> => {
    const { body: value, headers, caller } = request;
    const { 'content-type': named = '' } = headers;
    const contentType = named === '' || UNSPECIFIC.test(named) ? DEFAULT_TYPES[formOf(value)] : named;
    const put = { kind: 'put', key: itemKey(request), value, contentType, expiry: expiryOf({}, headers) } as const;
    await this.changeEntry.execute(caller, projectOf(request), put);
    return OK;
  };

  readonly remove = async (request: ApiRequest): Promise<Reply> => {
    const [caller, project] = [request.caller, projectOf(request)];
    if (isBase(request)) await this.removeEntries.execute(caller, project, { prefix: basePrefix(request) });
    else {
      try {
        await this.changeEntry.execute(caller, project, { kind: 'delete', key: itemKey(request) });
      } catch (error) {
        ignoreMissing(error);
      }
    }
    return OK;
  };

  async #list(request: ApiRequest): Promise<Reply> {
    const prefix = basePrefix(request);
    const page = (from?: string) =>
      this.listEntries.heads(request.caller, projectOf(request), { prefix, from, limit: PAGE }, 'keys');
    // The first page now, so that an error is a response.
    const body = namesJson(await page(), page);
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
  }

  #metadata({ updatedAt, expiresAt }: Entry): Record<string, string> {
    const headers = { 'Last-Modified': httpDate(updatedAt), 'Cache-Control': 'private, no-cache' };
    if (expiresAt === undefined) return headers;
    return { ...headers, 'X-TTL': String(Math.ceil((expiresAt - this.clock.now()) / 1000)) };
  }
}

/** A type that unstorage takes for a text, which it parses itself, unless the value is none. */
function textTypeOf({ contentType, value }: Entry): string {
  if (!isUtf8(value)) return BYTES;
  return isJsonType(contentType) ? contentTypeHeader(contentType) : DEFAULT_TYPES.text;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
}

/** The keys of items of all pages as pieces of a JSON list; with slashes, as unstorage's server has them. */
async function* namesJson(
  first: ListPage<EntryHead>,
  pageFrom: (from: string) => Promise<ListPage<EntryHead>>,
): AsyncGenerator<string> {
  let page = first;
  let separator = '[';
  for (;;) {
    for (const { key } of page.entries) {
      if (!isItemKey(key)) continue;
      yield separator + JSON.stringify(key.replaceAll(':', '/'));
      separator = ',';
    }
    if (page.next === undefined) break;
    page = await pageFrom(page.next);
  }
  yield separator === '[' ? '[]' : ']';
}
