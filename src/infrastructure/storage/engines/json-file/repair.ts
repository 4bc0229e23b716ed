import { link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../../../files/disk-error.js';
import { syncFolder } from '../../../files/durable-file.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { type EntryCheck, keptPath, type RepairResult } from '../../building-blocks/repair-result.js';
import { writeDataFile } from './data-file.js';
import type { StorePaths } from './open-files.js';
import { salvageDataFile, salvageJournal } from './salvage.js';

/**
 * Replaces the files of a store by one of all that can be read in them, and keeps them beside it. After a crash it can be repeated. Rejects
 * with `unavailable`, with every file as it was, where the store file is missing: what is in journals alone is no store.
 */
export async function repair({ file, old, current }: StorePaths, unsound: EntryCheck): Promise<RepairResult> {
  const table = new OrderedTable();
  const lost = [...(await salvageDataFile(file, table))];
  for (const journal of [old, current]) lost.push(...(await salvageJournal(journal, table)));
  lost.push(...leaveOut(table, unsound).map((what) => `${file}: ${what}`));
  try {
    const kept = await keep([file, old, current]);
    await syncFolder(dirname(file));
    await writeDataFile(file, table);
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

/** Removes what can be read and is damaged. */
function leaveOut(table: OrderedTable, unsound: EntryCheck): string[] {
  const bad = table.scan({ limit: Number.POSITIVE_INFINITY }).flatMap((entry) => {
    const problem = unsound(entry);
    return problem === undefined ? [] : [{ key: entry.key, problem }];
  });
  table.apply({ remove: bad.map(({ key }) => key) });
  return bad.map(({ key, problem }) => `key ${JSON.stringify(key)}: ${problem}`);
}

/** Gives the files that exist a second name, so that replacing or removing the first leaves them. */
async function keep(paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    try {
      const other = keptPath(path);
      await link(path, other);
      kept.push(other);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return kept;
}
