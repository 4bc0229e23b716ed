import type { Inspection } from '../../building-blocks/inspection.js';
import { readJournal } from '../../building-blocks/journal/read-journal.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { readDataFile } from './data-file.js';
import { applyChanges, applyFrame, type StorePaths } from './open-files.js';
import { readTextJournal } from './text-journal.js';

/** Reads the files of a store as opening it does, but changes none. */
export async function inspect(paths: StorePaths, inspection: Inspection): Promise<void> {
  const { file, journal, text, oldText } = paths;
  const table = new OrderedTable();
  const problems: string[] = [];
  const attempt = async (read: () => Promise<unknown>) => {
    await read().catch((error: unknown) => problems.push((error as Error).message));
  };
  await attempt(() => readDataFile(file, table));
  await attempt(async () => {
    const replay = await readTextJournal(oldText, (changes) => applyChanges(table, changes));
    if (replay !== undefined && replay.intactBytes < replay.size) {
      problems.push(`${oldText} is damaged from byte ${replay.intactBytes} on`);
    }
  });
  // What a crash cut off at the end of a journal is no damage: its commit was never acknowledged.
  await attempt(() => readTextJournal(text, (changes) => applyChanges(table, changes)));
  await attempt(() => readJournal(journal, 0, (payload) => applyFrame(table, payload)));
  inspection.damages.push(...problems);
  if (problems.length === 0) await inspection.checkAll(table);
}
