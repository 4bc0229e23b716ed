import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError } from '../../../files/disk-error.js';
import { syncFolder } from '../../../files/durable-file.js';
import { type EntryCheck, keptPath, type RepairResult } from '../../building-blocks/repair-result.js';
import { toStorageError } from '../../building-blocks/storage-errors.js';
import { OWN } from './file-name.js';
import { IntentLog } from './intent-log.js';
import { isEntryFile, readEntryFile } from './read-entry-file.js';

/**
 * Takes every file that cannot be read out of the folder, into a new one beside it. After a crash it can be repeated. Rejects with
 * `unavailable` where the folder is missing.
 */
export async function repair(folder: string, unsound: EntryCheck): Promise<RepairResult> {
  const lost: string[] = [];
  const bad: string[] = [];
  let entries = 0;
  const look = (path: string, problem: string | undefined) => {
    if (problem === undefined) return;
    bad.push(path);
    lost.push(problem);
  };
  try {
    for (const name of (await readdir(folder)).filter(isEntryFile)) {
      const path = join(folder, name);
      const problem = problemIn(folder, name, unsound);
      if (problem === undefined) entries += 1;
      look(path, problem && `${path}: ${problem}`);
    }
    look(join(folder, OWN, IntentLog.FILE), intentProblem(join(folder, OWN)));
  } catch (error) {
    throw toStorageError(folder, error);
  }
  if (bad.length === 0) return { entries, lost, kept: [] };
  return { entries, lost, kept: [await moveOut(folder, bad)] };
}

/** What a commit that a crash interrupted left, where it cannot be finished. */
export function intentProblem(own: string): string | undefined {
  try {
    new IntentLog(own).read();
    return undefined;
  } catch (error) {
    return `${(error as Error).message}; of the entries that it was to change, some may be as they were before`;
  }
}

function problemIn(folder: string, name: string, unsound: EntryCheck): string | undefined {
  try {
    return unsound(readEntryFile(folder, name).entry);
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
