import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry, EntryHead } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireValidKey, requireVisibleKeys } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { headPages } from '../keyspace/paging.js';
import { Projects } from '../ports/registry/projects.js';

/** Finds the entry that was updated last. */
@injectable()
export class LatestEntry {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
  ) {}

  /** Searches the given keys, or those with the prefix. Rejects with `not_found` if none exists. */
  async execute(
    caller: Identity,
    project: string,
    among: { keys: readonly string[] } | { prefix: string },
  ): Promise<Entry> {
    requireAccess(caller, rules.read, project, 'keys' in among ? { key: among.keys } : among);
    if ('prefix' in among) requireVisibleKeys(this.projects.get(project));
    else for (const key of among.keys) requireValidKey(key);
    const keyspace = await this.keyspaces.of(project);
    const latest =
      'keys' in among
        ? (await keyspace.getMany(among.keys)).reduce(later, undefined)
        : await latestWithin(keyspace, among.prefix);
    if (latest === undefined) {
      throw new AppError('not_found', `None of these keys exists in project '${project}' store`);
    }
    return latest;
  }
}

/** Reads the value of the latest entry only, and searches again if that one is gone by then. */
async function latestWithin(keyspace: Keyspace, prefix: string): Promise<Entry | undefined> {
  for (;;) {
    let latest: EntryHead | undefined;
    for await (const page of headPages(keyspace, { prefix })) latest = page.reduce(later, latest);
    if (latest === undefined) return undefined;
    const entry = await keyspace.get(latest.key);
    if (entry !== undefined && entry.updatedAt >= latest.updatedAt) return entry;
  }
}

/**
 * Compares versions only within one millisecond: an import keeps the times of its entries, but gives them new versions
 * in key order.
 */
function later<T extends Pick<Entry, 'updatedAt' | 'version'>>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (b.updatedAt - a.updatedAt || b.version - a.version) > 0 ? b : a;
}
