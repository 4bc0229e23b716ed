import { link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../../files/disk-error.js';
import { syncFolder } from '../../files/durable-file.js';
import { OrderedTable } from '../ordered-table.js';
import { writeMainFile } from './main-file.js';
import type { StorePaths } from './recover.js';
import { salvageJournal, salvageMainFile } from './salvage.js';

/** What a repair made of the files of a store. */
export interface Repaired {
  readonly entries: number;
  /** What could not be read: bytes of a file, with the key where that can be told, or a line of a journal. */
  readonly lost: readonly string[];
  /** The files as they were. */
  readonly kept: readonly string[];
}

/**
 * Replaces the files of a store by one of all that can be read in them, and keeps them beside it. After a crash it can be repeated. Rejects
 * with `unavailable`, with every file as it was, where the store file is missing: what is in journals alone is no store.
 */
export async function repair({ file, old, current }: StorePaths): Promise<Repaired> {
  const table = new OrderedTable();
  const lost = [...(await salvageMainFile(file, table))];
  for (const journal of [old, current]) lost.push(...(await salvageJournal(journal, table)));
  try {
    const kept = await keep([file, old, current]);
    await syncFolder(dirname(file));
    await writeMainFile(file, table);
    // The old one first: were only that left after a crash, it would bring back what the current one changed.
    for (const journal of [old, current]) {
      await rm(journal, { force: true });
      await syncFolder(dirname(file));
    }
    return { entries: table.size().keys, lost, kept };
  } catch (error) {
    throw diskError(error, `cannot repair ${file}`);
  }
}

/** Gives the files that exist a second name, so that replacing or removing the first leaves them. */
async function keep(paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  const time = new Date().toISOString().replaceAll(':', '-');
  for (const path of paths) {
    try {
      await link(path, `${path}.damaged-${time}`);
      kept.push(`${path}.damaged-${time}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return kept;
}
