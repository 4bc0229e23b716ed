import { inject, injectable } from 'tsyringe';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { pages } from '../keyspace/paging.js';

/** Finds the entry that was updated last. */
@injectable()
export class LatestEntry {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** Among the keys given, or among those with the prefix; `not_found` where none exists. */
  async execute(project: string, among: { keys: readonly string[] } | { prefix: string }): Promise<Entry> {
    const keyspace = await this.#keyspaces.of(project);
    let latest: Entry | undefined;
    if ('keys' in among) {
      for (const entry of await keyspace.getMany(among.keys)) latest = later(latest, entry);
    } else {
      for await (const page of pages(keyspace, among.prefix)) latest = page.reduce(later, latest);
    }
    if (latest === undefined)
      throw new AppError('not_found', `None of these keys exists in project '${project}' store`);
    return latest;
  }
}

/** By version only within one millisecond: an import keeps the times of what it brings, and gives it new versions in the order of keys. */
function later(a: Entry | undefined, b: Entry | undefined): Entry | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (b.updatedAt - a.updatedAt || b.version - a.version) > 0 ? b : a;
}
