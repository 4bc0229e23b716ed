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
  /** Keys that share what precedes its next occurrence after the prefix are reported as one prefix. */
  readonly separator?: string | undefined;
  /** Leaves the values out. */
  readonly keysOnly?: boolean;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly prefixes: readonly string[];
  /** What to give as `after` for the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** From so many expired entries on, counting reads all. */
const FEW = 1000;

/** A page ends behind the entry with which its values reach this size, in bytes. */
const MOST_BYTES = 32 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Behind every key that begins with what stands before it, for no key is longer than 512 bytes. */
const LAST = '\u{10ffff}'.repeat(128);

/** Where a list goes on behind all keys that begin with `prefix`. */
export function afterPrefix(prefix: string): string {
  return prefix + LAST;
}

/** The prefix that `behind` was given, undefined for any other place. */
export function prefixOfBound(after: string): string | undefined {
  return after.endsWith(LAST) ? after.slice(0, -LAST.length) : undefined;
}

/** Reads a project's entries in key order, page by page, within the caller's prefix. */
@injectable()
export class ListEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
  ) {}

  /** One page: at most `limit` entries and prefixes together, fewer if the values are large. */
  async execute(caller: Identity, project: string, request: ListRequest): Promise<EntryPage> {
    const prefix = this.#admit(caller, project, request.prefix, !request.keysOnly);
    return pageOf(await this.keyspaces.of(project), { ...request, prefix });
  }

  /** Every entry in key order, as many pages as it takes, few in memory at a time. Rejects at once if the first cannot be read. */
  async all(caller: Identity, project: string): Promise<AsyncIterable<readonly Entry[]>> {
    const prefix = this.#admit(caller, project, undefined, true);
    const all = pages(await this.keyspaces.of(project), prefix);
    return startingWith(await all.next(), all);
  }

  /** How many entries there are. */
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
    let jumped = false;
    for (const entry of page.entries) {
      if (entries.length + prefixes.length === limit || bytes >= MOST_BYTES) return { entries, prefixes, next: from };
      const group = groupOf(entry.key, prefix, separator);
      if (group === undefined) {
        entries.push(keysOnly ? { ...entry, value: NOTHING } : entry);
        bytes += keysOnly ? 0 : entry.value.length;
        from = entry.key;
      } else {
        prefixes.push(group);
        from = afterPrefix(group);
        jumped = true;
        break;
      }
    }
    if (jumped) continue;
    if (page.last === undefined) return { entries, prefixes, next: undefined };
    from = page.last;
  }
}

async function* startingWith<T>(first: IteratorResult<T, void>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** How many entries are live, where that can be told without reading them all. */
async function sizeOfLive({ store, clock }: Keyspace): Promise<number | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = await store.size();
    const expired = await store.expiring(clock.now(), FEW);
    if (expired.length === FEW) return undefined;
    // Where a sweep came between, what it took would be counted twice.
    if ((await store.size()).keys === before.keys) return before.keys - expired.length;
  }
  return undefined;
}

function groupOf(key: string, prefix: string, separator: string | undefined): string | undefined {
  if (separator === undefined) return undefined;
  const at = key.indexOf(separator, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + separator.length);
}
