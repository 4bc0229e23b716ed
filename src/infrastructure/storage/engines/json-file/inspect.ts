import type { Inspection } from '../../building-blocks/inspection.js';
import { OrderedTable } from '../../building-blocks/ordered-table.js';
import { readDataFile } from './data-file.js';
import { replayJournal } from './journal-replay.js';
import type { StorePaths } from './open-files.js';

/** Reads the files of a store as opening it does, but changes none. */
export async function inspect(paths: StorePaths, inspection: Inspection): Promise<void> {
  const table = new OrderedTable();
  const problems: string[] = [];
  const attempt = async (read: () => Promise<void>) => {
    await read().catch((error: unknown) => problems.push((error as Error).message));
  };
  await attempt(async () => void (await readDataFile(paths.file, table)));
  await attempt(async () => {
    const replay = await replayJournal(paths.old, table);
    if (replay !== undefined && replay.intactBytes < replay.size) {
      problems.push(`${paths.old} is damaged from byte ${replay.intactBytes} on`);
    }
  });
  // A last line that a crash cut off is no damage: its commit was never acknowledged.
  await attempt(async () => void (await replayJournal(paths.current, table)));
  inspection.damages.push(...problems);
  if (problems.length === 0) await inspection.checkAll(table);
}
