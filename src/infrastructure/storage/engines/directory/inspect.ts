import { join } from 'node:path';
import type { Store } from '../../../../application/ports/store.js';
import type { Inspection } from '../../building-blocks/inspection.js';
import { OWN_FOLDER } from './file-name.js';
import { IntentLog } from './intent-log.js';

/** Checks every entry of a store that is opened read-only, which logs what it cannot read, and closes it. */
export async function inspect(store: Store, folder: string, inspection: Inspection): Promise<void> {
  await inspection.checkAll(store);
  await store.close();
  const problem = intentProblem(join(folder, OWN_FOLDER));
  if (problem !== undefined) inspection.damages.push(problem);
}

/** Why a commit that a crash interrupted cannot be finished; undefined if it can, or if there is none. */
export function intentProblem(own: string): string | undefined {
  try {
    new IntentLog(own).read();
    return undefined;
  } catch (error) {
    return `${(error as Error).message}; of the entries that it was to change, some may be as they were before`;
  }
}
