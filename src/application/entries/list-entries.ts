import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry, EntryHead } from '../../domain/entry.js';
import { afterKey, afterPrefix, compareKeys, type KeyBounds } from '../../domain/key.js';
import type { Project } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { prefixFor, requireAccess, requireScope, requireVisibleKeys } from '../access/authorize.js';
import type { Keyspace, ScannedPage } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { headPages, PAGE, type PagedRange, pages } from '../keyspace/paging.js';
import { Projects } from '../ports/registry/projects.js';

export interface ListRequest extends KeyBounds {
  /** Where to go on: the `next` of the page before. */
  readonly from?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit: number;
  /** Keys that are equal up to the next occurrence of it after the prefix are reported as one prefix. */
  readonly separator?: string | undefined;
}

export interface ListPage<T> {
  readonly entries: readonly T[];
  readonly prefixes: readonly string[];
  /** The first bound of the next page, or its last one in reverse; undefined at the end. */
  readonly next: string | undefined;
}

/** What the caller sees of a page without values. With `values` it is a page that would have them, cut as that is. */
export type HeadsFor = 'keys' | 'metadata' | 'values';

/** With so many expired entries or more, counting reads all entries. */
const MAX_EXPIRED = 1000;

/** A page ends after the entry with which its values reach this size, in bytes. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads a project's entries in key order or in reverse, page by page, within the caller's prefix. */
@injectable()
export class ListEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Pick<Keyspaces, 'of'>,
    @inject(Projects) private readonly projects: Pick<Projects, 'get'>,
  ) {}

  /** Returns one page: at most `limit` entries and prefixes together, fewer if the values are large. */
  async execute(caller: Identity, project: string, request: ListRequest): Promise<ListPage<Entry>> {
    const prefix = this.#admit(caller, project, request.prefix, true);
    const keyspace = await this.keyspaces.of(project);
    const scan = (range: PagedRange, limit: number) =>
      keyspace.scan({ ...range, ...PAGE, limit: Math.min(limit, PAGE.limit) });
    return pageOf({ ...request, prefix }, scan, ({ value }) => value.length);
  }

  /** Returns one page without reading values. Only keys need no right to read. */
  async heads(caller: Identity, project: string, request: ListRequest, what: HeadsFor): Promise<ListPage<EntryHead>> {
    const prefix = this.#admit(caller, project, request.prefix, what !== 'keys');
    const keyspace = await this.keyspaces.of(project);
    const scan = (range: PagedRange, limit: number) => keyspace.scanHeads({ ...range, limit });
    return pageOf({ ...request, prefix }, scan, ({ sizeBytes }) => (what === 'values' ? sizeBytes : 0));
  }

  /**
   * Returns all entries in key order, page by page, few in memory at a time. Rejects if the first page cannot be read.
   */
  async all(caller: Identity, project: string): Promise<AsyncIterable<readonly Entry[]>> {
    const prefix = this.#admit(caller, project, undefined, true);
    const all = pages(await this.keyspaces.of(project), { prefix });
    return startingWith(await all.next(), all);
  }

  /** Returns the number of entries. */
  async count(caller: Identity, project: string, bounds: KeyBounds): Promise<number> {
    const prefix = this.#admit(caller, project, bounds.prefix, false);
    const keyspace = await this.keyspaces.of(project);
    const { start, end } = bounds;
    const isWhole = prefix === '' && start === undefined && end === undefined;
    const known = isWhole ? await sizeOfLive(keyspace) : undefined;
    if (known !== undefined) return known;
    let count = 0;
    for await (const page of headPages(keyspace, { prefix, start, end })) count += page.length;
    return count;
  }

  /** The prefix that the caller's request is about. */
  #admit(caller: Identity, project: string, asked: string | undefined, reads: boolean): string {
    return prefixToList(caller, this.projects.get(project), project, asked, reads);
  }
}

/**
 * The prefix that a caller's request to list `asked` is about. Throws if the caller may not list it or, if it `reads`,
 * not read it, and if the project hides its keys.
 */
export function prefixToList(
  caller: Identity,
  project: Project | undefined,
  id: string,
  asked: string | undefined,
  reads: boolean,
): string {
  requireAccess(caller, rules.listWithin, id, { prefix: asked });
  requireVisibleKeys(project);
  const prefix = prefixFor(caller, 'list', asked);
  if (reads) requireScope(caller, 'read');
  return prefix;
}

async function pageOf<T extends { readonly key: string }>(
  request: ListRequest & { readonly prefix: string },
  scan: (range: PagedRange, limit: number) => Promise<ScannedPage<T>>,
  sizeOf: (entry: T) => number,
): Promise<ListPage<T>> {
  const { prefix, limit, separator, reverse } = request;
  const entries: T[] = [];
  const prefixes: string[] = [];
  let bytes = 0;
  let next = request.from;
  for (;;) {
    const wanted = limit + 1 - entries.length - prefixes.length;
    const page = await scan({ prefix, reverse, ...boundsFrom(next, request) }, wanted);
    let group: string | undefined;
    for (const entry of page.entries) {
      if (entries.length + prefixes.length === limit || bytes >= MAX_BYTES) return { entries, prefixes, next };
      group = groupOf(entry.key, prefix, separator);
      if (group !== undefined) break;
      entries.push(entry);
      bytes += sizeOf(entry);
      next = boundAfter(entry.key, reverse);
    }
    if (group !== undefined) {
      prefixes.push(group);
      next = reverse ? group : afterPrefix(group);
    } else if (page.last === undefined) return { entries, prefixes, next: undefined };
    else next = boundAfter(page.last, reverse);
  }
}

/** The bounds of a request, from `next` on in its direction. */
function boundsFrom(next: string | undefined, { start, end, reverse }: ListRequest): KeyBounds {
  if (next === undefined) return { start, end };
  if (reverse) return { start, end: end === undefined || compareKeys(next, end) < 0 ? next : end };
  return { start: start === undefined || compareKeys(next, start) > 0 ? next : start, end };
}

function boundAfter(key: string, reverse: boolean | undefined): string {
  return reverse ? key : afterKey(key);
}

async function* startingWith<T>(first: IteratorResult<T, void>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** How many entries are live; undefined if that cannot be known without reading them all. */
async function sizeOfLive({ store, clock }: Keyspace): Promise<number | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = await store.size();
    const expired = await store.expiring(clock.now(), MAX_EXPIRED);
    if (expired.length === MAX_EXPIRED) return undefined;
    // If a sweep ran in between, the entries that it removed would be subtracted twice.
    if ((await store.size()).keys === before.keys) return before.keys - expired.length;
  }
  return undefined;
}

function groupOf(key: string, prefix: string, separator: string | undefined): string | undefined {
  if (separator === undefined) return undefined;
  const at = key.indexOf(separator, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + separator.length);
}
