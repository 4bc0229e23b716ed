import type { Inspection } from '../../building-blocks/inspection.js';
import { checkFile } from './check-file.js';
import { readLastClose } from './clean-shutdown.js';
import { dataFile } from './environment.js';

/** Checks every page and entry without LMDB, which would write beside the data and crash on a wrong page. */
export async function inspect(folder: string, inspection: Inspection): Promise<void> {
  try {
    const { closed } = await readLastClose(folder);
    checkFile(dataFile(folder), closed, (entry) => inspection.check(entry));
    inspection.notes.push('every page, checksum and count is right');
  } catch (error) {
    inspection.damages.push(`${dataFile(folder)}: ${(error as Error).message}`);
  }
}
