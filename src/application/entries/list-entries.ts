import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { rules } from '../access/access-rules.js';
import { prefixFor, requireAccess, requireScope, requireVisibleKeys } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { PAGE, pages } from '../keyspace/paging.js';
import { Projects } from '../ports/registry/projects.js';

export interface ListRequest {
  readonly prefix?: string | undefined;
  /** Only keys after this one, which need not be a key. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Keys that are equal up to the next occurrence of it after the prefix are reported as one prefix. */
  readonly separator?: string | undefined;
  /** Whether the values are left out. */
  readonly keysOnly?: boolean;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly prefixes: readonly string[];
  /** The value of `after` for the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** With so many expired entries or more, counting reads all entries. */
const MAX_EXPIRED = 1000;

/** A page ends after the entry with which its values reach this size, in bytes. */
const MAX_BYTES = 32 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Appended to a prefix it gives a bound after every key with that prefix, because no key is longer than 512 bytes. */
const LAST = '\u{10ffff}'.repeat(128);

/** The bound after all keys that begin with `prefix`. */
export function afterPrefix(prefix: string): string {
  return prefix + LAST;
}

/** The prefix that `afterPrefix` was called with; undefined for any other bound. */
export function prefixOfBound(after: string): string | undefined {
  return after.endsWith(LAST) ? after.slice(0, -LAST.length) : undefined;
}

/** Reads a project's entries in key order, page by page, within the caller's prefix. */
@injectable()
export class ListEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Pick<Keyspaces, 'of'>,
    @inject(Projects) private readonly projects: Pick<Projects, 'get'>,
  ) {}

  /** Returns one page: at most `limit` entries and prefixes together, fewer if the values are large. */
  async execute(caller: Identity, project: string, request: ListRequest): Promise<EntryPage> {
    const prefix = this.#admit(caller, project, request.prefix, !request.keysOnly);
    return pageOf(await this.keyspaces.of(project), { ...request, prefix });
  }

  /**
   * Returns all entries in key order, page by page, few in memory at a time. Rejects if the first page cannot be read.
   */
  async all(caller: Identity, project: string): Promise<AsyncIterable<readonly Entry[]>> {
    const prefix = this.#admit(caller, project, undefined, true);
    const all = pages(await this.keyspaces.of(project), prefix);
    return startingWith(await all.next(), all);
  }

  /** Returns the number of entries. */
  async count(caller: Identity, project: string, asked: string | undefined): Promise<number> {
    const prefix = this.#admit(caller, project, asked, false);
    const keyspace = await this.keyspaces.of(project);
    const known = prefix === '' ? await sizeOfLive(keyspace) : undefined;
    if (known !== undefined) return known;
    let count = 0;
    for await (const page of pages(keyspace, prefix)) count += page.length;
    return count;
  }

  /** The prefix that the caller's request is about. */
  #admit(caller: Identity, project: string, asked: string | undefined, withValues: boolean): string {
    requireAccess(caller, rules.listWithin, project, { prefix: asked });
    requireVisibleKeys(this.projects.get(project));
    const prefix = prefixFor(caller, 'list', asked);
    if (withValues) requireScope(caller, 'read');
    return prefix;
  }
}

async function pageOf(keyspace: Keyspace, request: ListRequest & { readonly prefix: string }): Promise<EntryPage> {
  const { prefix, after, limit, separator, keysOnly } = request;
  const entries: Entry[] = [];
  const prefixes: string[] = [];
  let bytes = 0;
  let from = after;
  for (;;) {
    const wanted = Math.min(limit + 1 - entries.length - prefixes.length, PAGE.limit);
    const page = await keyspace.scan({
      prefix,
      ...PAGE,
      limit: wanted,
      ...(from === undefined ? {} : { after: from }),
    });
    let skipped = false;
    for (const entry of page.entries) {
      if (entries.length + prefixes.length === limit || bytes >= MAX_BYTES) return { entries, prefixes, next: from };
      const group = groupOf(entry.key, prefix, separator);
      if (group === undefined) {
        entries.push(keysOnly ? { ...entry, value: NOTHING } : entry);
        bytes += keysOnly ? 0 : entry.value.length;
        from = entry.key;
      } else {
        prefixes.push(group);
        from = afterPrefix(group);
        skipped = true;
        break;
      }
    }
    if (skipped) continue;
    if (page.last === undefined) return { entries, prefixes, next: undefined };
    from = page.last;
  }
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
