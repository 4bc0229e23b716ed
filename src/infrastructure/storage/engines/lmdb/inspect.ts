import type { Inspection } from '../../building-blocks/inspection.js';
import { decodeChanges } from '../../building-blocks/journal/change-frame.js';
import { readJournal } from '../../building-blocks/journal/read-journal.js';
import { checkFile } from './check-file.js';
import { readLastClose } from './clean-shutdown.js';
import { dataFile, journalFolder } from './environment/environment.js';

/**
 * Checks every page and entry without LMDB, which would write beside the data and crash on a wrong page, then what only
 * the journal has.
 */
export async function inspect(folder: string, inspection: Inspection): Promise<void> {
  let sequence = 0;
  try {
    const { closed } = await readLastClose(folder);
    sequence = checkFile(dataFile(folder), closed, (entry) => inspection.check(entry)).sequence ?? 0;
    inspection.notes.push('every page, checksum and count is right');
  } catch (error) {
    inspection.damages.push(`${dataFile(folder)}: ${(error as Error).message}`);
  }
  try {
    const { frameBytes } = await readJournal(journalFolder(folder), sequence, (payload) => {
      decodeChanges(payload, ({ entry }) => entry && inspection.check(entry));
    });
    if (frameBytes.length > 0) inspection.notes.push(`${frameBytes.length} frames of the journal are to be copied`);
  } catch (error) {
    inspection.damages.push((error as Error).message);
  }
}
