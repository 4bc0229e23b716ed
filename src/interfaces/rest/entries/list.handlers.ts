import { inject, injectable } from 'tsyringe';
import { LatestEntry } from '../../../application/entries/latest-entry.js';
import { ListEntries, type ListPage, type ListRequest } from '../../../application/entries/list-entries.js';
import { MeasurePrefixes } from '../../../application/entries/measure-prefixes.js';
import { RemoveEntries } from '../../../application/entries/remove-entries.js';
import { AppError } from '../../../domain/errors.js';
import { projectOf } from '../request/path-values.js';
import { itemJson } from '../response/envelope.js';
import type { Reply } from '../response/reply.js';
import { flag, integer, keys, nonEmptyText, oneOf, type ParameterValues, text } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';
import { as } from '../routing/value-view.js';
import { cursorOf, readCursor } from './list-cursor.js';
import {
  itemsJson,
  keyMember,
  keysJson,
  metadataListJson,
  nextUrl,
  pageJson,
  prefixSizesJson,
  wholeJson,
} from './list-json.js';

const DEFAULT_LIMIT = 100;
/** The body of a response to HEAD, which node does not read. */
const UNREAD: AsyncIterable<string> = (async function* () {})();

export const listParameters = {
  prefix: text('Only keys that begin so.', 'user:'),
  start: nonEmptyText('Only keys from this one on, which need not exist.', 'user:1'),
  end: nonEmptyText('Only keys before this one.', 'user:9'),
  reverse: flag('From the last key to the first.'),
  limit: integer('How many items and prefixes a page has at most.', 1, 1000),
  cursor: nonEmptyText('Where to go on: the cursor of the page before.', 'Zmlyc3RfcHJvamVjdCA9dXNlcjox'),
  keys_only: flag('Keys without their items.'),
  separator: nonEmptyText('Keys that are equal up to its next occurrence become one of `prefixes`.', '/'),
  items: oneOf(
    '`array`: the items in order, each with its `key`, which clients may lose in an object; `meta`: the same without ' +
      'values, which are then not read.',
    ['object', 'array', 'meta'],
  ),
  as,
  count: oneOf(
    'How many entries there are: `only` that; `bytes`: that, and the bytes of their values; `true`: beside the page; ' +
      '`prefixes`: below each of `prefixes`, up to 1,000.',
    ['only', 'bytes', 'true', 'prefixes'],
  ),
};

type ListQuery = ParameterValues<typeof listParameters>;

export const removeParameters = {
  prefix: nonEmptyText('Removes only keys that begin so.', 'user:'),
  dry_run: flag('Only counts.'),
};

export const latestParameters = {
  key: keys('One of the keys to look at.'),
  prefix: nonEmptyText('Looks at all keys that begin so.', 'user:'),
  as,
};

/** Reads and removals of many entries. */
@injectable()
export class ListHandlers {
  constructor(
    @inject(ListEntries) private readonly listEntries: ListEntries,
    @inject(MeasurePrefixes) private readonly measurePrefixes: MeasurePrefixes,
    @inject(RemoveEntries) private readonly removeEntries: RemoveEntries,
    @inject(LatestEntry) private readonly latestEntry: LatestEntry,
  ) {}

  readonly list = async (request: ApiRequest<ListQuery>): Promise<Reply> => {
    const project = projectOf(request);
    const { query, caller } = request;
    if (Object.keys(query).length === 0) return { status: 200, data: await this.#whole(request), message: '' };
    const { prefix, start, end, reverse, separator, limit = DEFAULT_LIMIT, count } = query;
    const bounds = { prefix, start, end };
    if (count === 'prefixes' && separator === undefined)
      throw new AppError('invalid', 'count=prefixes needs separator');
    if (count === 'bytes') {
      const { count: entries, bytes } = await this.measurePrefixes.total(caller, project, bounds);
      return { status: 200, data: `{"count":${entries},"size_bytes":${bytes}}`, message: '' };
    }
    const isCounted = count === 'only' || count === 'true';
    const counted = isCounted ? await this.listEntries.count(caller, project, bounds) : undefined;
    if (count === 'only') return { status: 200, data: `{"count":${counted}}`, message: '' };
    const from = query.cursor === undefined ? undefined : readCursor(project, query.cursor, reverse);
    const { shown, prefixes, next } = await this.#page(request, { ...bounds, reverse, separator, limit, from });
    const cursor = next === undefined ? undefined : cursorOf(project, next, reverse);
    const headers = cursor === undefined ? {} : { Link: `<${nextUrl(project, query, cursor)}>; rel="next"` };
    if (request.method === 'HEAD') return { status: 200, headers, data: UNREAD, message: '' };
    const sizes = count === 'prefixes' ? await this.measurePrefixes.each(caller, project, prefixes, bounds) : undefined;
    const sized = sizes && prefixSizesJson(sizes, caller.scopes.includes('read'));
    const grouped = separator === undefined ? undefined : prefixes;
    return {
      status: 200,
      headers,
      data: pageJson({ shown, prefixes: grouped, sized, cursor, count: counted }),
      message: '',
    };
  };

  async #whole(request: ApiRequest): Promise<AsyncIterable<string>> {
    const [caller, project] = [request.caller, projectOf(request)];
    if (request.method !== 'HEAD') return wholeJson(await this.listEntries.all(caller, project));
    await this.listEntries.heads(caller, project, { limit: 1 }, 'values');
    return UNREAD;
  }

  /** A page, and how it is shown. HEAD reads no values. */
  async #page(request: ApiRequest<ListQuery>, list: ListRequest): Promise<ListPage<unknown> & { shown: string }> {
    const [caller, project] = [request.caller, projectOf(request)];
    const { keys_only: keysOnly = false, items, as = 'auto' } = request.query;
    if (keysOnly && items !== undefined) throw new AppError('invalid', 'give either keys_only or items');
    if (!keysOnly && items !== 'meta' && request.method !== 'HEAD') {
      const page = await this.listEntries.execute(caller, project, list);
      return { ...page, shown: itemsJson(page.entries, items, as) };
    }
    const reads = items === 'meta' ? 'metadata' : 'values';
    const page = await this.listEntries.heads(caller, project, list, keysOnly ? 'keys' : reads);
    return { ...page, shown: keysOnly ? keysJson(page.entries) : metadataListJson(page.entries) };
  }

  readonly remove = async (request: ApiRequest<ParameterValues<typeof removeParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { prefix, dry_run: dryRun = false } = request.query;
    const { all, count, kept } = await this.removeEntries.execute(request.caller, project, { prefix, dryRun });
    if (all && !dryRun) {
      const message = `All key-value pairs deleted successfully from project '${project}' store`;
      return kept.length === 0 ? { status: 200, message } : { status: 200, data: JSON.stringify({ kept }), message };
    }
    const what = dryRun ? 'would be deleted' : 'deleted successfully';
    return { status: 200, data: `{"count":${count ?? null}}`, message: `${count ?? 'The'} key-value pairs ${what}` };
  };

  readonly latest = async (request: ApiRequest<ParameterValues<typeof latestParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { key, prefix, as = 'auto' } = request.query;
    if ((key === undefined) === (prefix === undefined))
      throw new AppError('invalid', 'give either key, once or more, or prefix');
    const among = key === undefined ? { prefix: prefix ?? '' } : { keys: key };
    const entry = await this.latestEntry.execute(request.caller, project, among);
    const message = `Key '${entry.key}' fetched successfully from project '${project}' store`;
    return { status: 200, data: itemJson(entry, as, keyMember(entry)), message };
  };
}
