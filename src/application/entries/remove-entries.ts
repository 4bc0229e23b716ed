import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../ports/keyspaces.js';
import { conditionRequired } from './condition-required.js';
import { pages } from './pages.js';

/** Removes all entries of a project, or those with a prefix. */
@injectable()
export class RemoveEntries {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** How many it removed; in a dry run, how many it would remove. Page by page: entries written meanwhile may stay. */
  async execute(project: string, prefix: string, dryRun = false): Promise<number> {
    const keyspace = await this.#keyspaces.of(project);
    if (keyspace.rules.requireConditional && !dryRun) {
      throw conditionRequired(project, 'If-Match on each key, or a transaction with checks');
    }
    let removed = 0;
    for await (const page of pages(keyspace, prefix)) {
      if (dryRun) removed += page.length;
      else {
        const keys = page.map((entry) => entry.key);
        removed += await keyspace.write(keys, (current) => {
          const remove = keys.filter((_, i) => current[i] !== undefined);
          return { result: remove.length, remove };
        });
      }
    }
    return removed;
  }
}
