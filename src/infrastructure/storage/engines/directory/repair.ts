import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../../../files/durable-file.js';
import { diskError, toStorageError } from '../../../files/storage-errors.js';
import { type EntryCheck, keptPath, type RepairResult } from '../../building-blocks/repair-result.js';
import { isEntryFile, readEntryFile } from './entry-file.js';
import { OWN_FOLDER } from './file-name.js';
import { intentProblem } from './inspect.js';
import { IntentLog } from './intent-log.js';

/**
 * Moves every file that cannot be read out of the folder into a new one beside it. After a crash it can be repeated.
 * Rejects with `unavailable` if the folder is missing.
 */
export async function repair(folder: string, check: EntryCheck): Promise<RepairResult> {
  const lost: string[] = [];
  const damaged: string[] = [];
  let entries = 0;
  try {
    for (const name of (await readdir(folder)).filter(isEntryFile)) {
      const path = join(folder, name);
      const problem = problemIn(folder, name, check);
      if (problem === undefined) entries += 1;
      else {
        damaged.push(path);
        lost.push(`${path}: ${problem}`);
      }
    }
    const own = join(folder, OWN_FOLDER);
    const problem = intentProblem(own);
    if (problem !== undefined) {
      damaged.push(join(own, IntentLog.FILE));
      lost.push(problem);
    }
  } catch (error) {
    throw toStorageError(folder, error);
  }
  if (damaged.length === 0) return { entries, lost, kept: [] };
  return { entries, lost, kept: [await moveOut(folder, damaged)] };
}

function problemIn(folder: string, name: string, check: EntryCheck): string | undefined {
  try {
    return check(readEntryFile(folder, name, (entry) => check(entry) === undefined).entry);
  } catch (error) {
    return (error as Error).message;
  }
}

async function moveOut(folder: string, paths: readonly string[]): Promise<string> {
  const kept = keptPath(folder);
  try {
    await mkdir(kept, { mode: 0o700 });
    for (const path of paths) await rename(path, join(kept, basename(path)));
    for (const changed of new Set([kept, dirname(folder), ...paths.map(dirname)])) await syncFolder(changed);
    return kept;
  } catch (error) {
    throw diskError(error, `cannot repair ${folder}`);
  }
}
