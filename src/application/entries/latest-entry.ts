import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireValidKey, requireVisibleKeys } from '../access/authorize.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { pages } from '../keyspace/paging.js';
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
    let latest: Entry | undefined;
    if ('keys' in among) {
      for (const entry of await keyspace.getMany(among.keys)) latest = later(latest, entry);
    } else {
      for await (const page of pages(keyspace, { prefix: among.prefix })) latest = page.reduce(later, latest);
    }
    if (latest === undefined) {
      throw new AppError('not_found', `None of these keys exists in project '${project}' store`);
    }
    return latest;
  }
}

/**
 * Compares versions only within one millisecond: an import keeps the times of its entries, but gives them new versions
 * in key order.
 */
function later(a: Entry | undefined, b: Entry | undefined): Entry | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (b.updatedAt - a.updatedAt || b.version - a.version) > 0 ? b : a;
}
