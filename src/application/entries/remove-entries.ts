import { inject, injectable } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { pages } from '../keyspace/paging.js';
import { replaceContent } from '../keyspace/replace-content.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import { conditionRequired } from './conditions.js';

/** Removes all entries of a project, or those with a prefix. */
@injectable()
export class RemoveEntries {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /**
   * How many it removed; in a dry run, how many it would remove. All entries go at one moment. Those with a prefix, and all where
   * there is no room for another store or one is being made already, go page by page: entries written meanwhile may stay.
   */
  async execute(project: string, prefix: string, dryRun = false): Promise<number> {
    const keyspace = await this.#keyspaces.of(project);
    if (keyspace.rules.requireConditional && !dryRun) {
      throw conditionRequired(project, 'If-Match on each key, or a transaction with checks');
    }
    if (prefix === '' && !dryRun) {
      const next = await this.#staged(keyspace);
      if (next !== undefined) return clear(keyspace, next);
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

  async #staged({ staging }: Keyspace): Promise<StagedStore | undefined> {
    try {
      return await staging.stageReplacement();
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }
}

async function clear(keyspace: Keyspace, next: StagedStore): Promise<number> {
  try {
    return (await replaceContent(keyspace, next)).before;
  } catch (error) {
    await next.discard();
    throw error;
  }
}
