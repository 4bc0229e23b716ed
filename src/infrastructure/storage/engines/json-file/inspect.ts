import type { Inspection } from '../../building-blocks/inspection.js';
import { readJournal } from '../../building-blocks/journal/read-journal.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { readDataFile } from './data-file.js';
import { applyChanges, applyFrame, type StorePaths, textJournals } from './open-files.js';
import { readTextJournal } from './text-journal.js';

/** Reads the files of a store as opening it does, but changes none. */
export async function inspect(paths: StorePaths, inspection: Inspection): Promise<void> {
  const { file, journal, oldText } = paths;
  const table = new OrderedTable();
  const problems: string[] = [];
  const attempt = async (read: () => Promise<unknown>) => {
    await read().catch((error: unknown) => problems.push((error as Error).message));
  };
  await attempt(() => readDataFile(file, table));
  for (const path of await textJournals(paths)) {
    await attempt(async () => {
      const replay = await readTextJournal(path, (changes) => applyChanges(table, changes));
      // What a crash cut off at the end of a journal is no damage: its commit was never acknowledged.
      if (path === oldText && replay !== undefined && replay.intactBytes < replay.size) {
        problems.push(`${oldText} is damaged from byte ${replay.intactBytes} on`);
      }
    });
  }
  await attempt(() => readJournal(journal, 0, (payload) => applyFrame(table, payload)));
  inspection.damages.push(...problems);
  if (problems.length === 0) await inspection.checkAll(table);
}
