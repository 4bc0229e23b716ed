import { inject, injectable } from 'tsyringe';
import { LatestEntry } from '../../../application/entries/latest-entry.js';
import { type EntryPage, ListEntries } from '../../../application/entries/list-entries.js';
import { RemoveEntries } from '../../../application/entries/remove-entries.js';
import type { Entry } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import type { ValueView } from '../../../domain/value.js';
import { projectOf } from '../request/path-values.js';
import { itemJson } from '../response/envelope.js';
import type { Reply } from '../response/reply.js';
import { flag, integer, keys, nonEmptyText, oneOf, type ParameterValues, text } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';
import { as } from '../routing/value-view.js';
import { cursorOf, readCursor } from './list-cursor.js';

const DEFAULT_LIMIT = 100;

export const listParameters = {
  prefix: text('Only keys that begin so.', 'user:'),
  limit: integer('How many items and prefixes a page has at most.', 1, 1000),
  cursor: nonEmptyText('Where to go on: the cursor of the page before.', 'Zmlyc3RfcHJvamVjdCA9dXNlcjox'),
  keys_only: flag('Keys without their items.'),
  separator: nonEmptyText('Keys that are equal up to its next occurrence become one of `prefixes`.', '/'),
  as,
  count: oneOf('How many entries there are: `only` that, or `true` beside the page.', ['only', 'true']),
};

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
    @inject(RemoveEntries) private readonly removeEntries: RemoveEntries,
    @inject(LatestEntry) private readonly latestEntry: LatestEntry,
  ) {}

  readonly list = async (request: ApiRequest<ParameterValues<typeof listParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { query, caller } = request;
    if (Object.keys(query).length === 0) {
      return { status: 200, data: wholeJson(await this.listEntries.all(caller, project)), message: '' };
    }
    const { prefix, limit = DEFAULT_LIMIT, separator, count } = query;
    const counted = count === undefined ? undefined : await this.listEntries.count(caller, project, prefix);
    if (count === 'only') return { status: 200, data: `{"count":${counted}}`, message: '' };
    const after = query.cursor === undefined ? undefined : readCursor(project, query.cursor);
    const keysOnly = query.keys_only === true;
    const page = await this.listEntries.execute(caller, project, { prefix, after, limit, separator, keysOnly });
    const cursor = page.next === undefined ? undefined : cursorOf(project, page.next);
    const headers = cursor === undefined ? {} : { Link: `<${nextUrl(project, query, cursor)}>; rel="next"` };
    return { status: 200, headers, data: pageJson(page, query, cursor, counted), message: '' };
  };

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
    return { status: 200, data: itemJson(entry, as, `"key":${JSON.stringify(entry.key)},`), message };
  };
}

async function* wholeJson(pages: AsyncIterable<readonly Entry[]>): AsyncGenerator<string> {
  let separator = '{';
  for await (const page of pages) {
    yield separator + page.map((entry) => `${JSON.stringify(entry.key)}:${itemJson(entry)}`).join(',');
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function pageJson(
  { entries, prefixes }: EntryPage,
  query: ParameterValues<typeof listParameters>,
  cursor: string | undefined,
  count: number | undefined,
): string {
  const members = [
    query.keys_only
      ? `"keys":${JSON.stringify(entries.map(({ key }) => key))}`
      : `"items":{${entries.map((entry) => keyedItemJson(entry, query.as)).join(',')}}`,
  ];
  if (query.separator !== undefined) members.push(`"prefixes":${JSON.stringify(prefixes)}`);
  members.push(`"cursor":${JSON.stringify(cursor ?? null)}`);
  if (count !== undefined) members.push(`"count":${count}`);
  return `{${members.join(',')}}`;
}

function keyedItemJson(entry: Entry, view: ValueView = 'auto'): string {
  return `${JSON.stringify(entry.key)}:${itemJson(entry, view)}`;
}

function nextUrl(project: string, query: object, cursor: string): string {
  const next = new URLSearchParams(
    Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `/api/v1/projects/${project}/store?${next}`;
}
