import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../../../domain/entry.js';
import { putInPlace, syncFolder } from '../../../files/durable-file.js';
import { writeAll } from '../../../files/write-all.js';
import { changeTime, entryText } from './entry-file.js';
import { fileNameOf } from './file-name.js';

/** What one key becomes; undefined where it goes. */
export interface FileChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/** Files that are written at once. */
const AT_ONCE = 16;

/** Replaces and removes the files of entries, durably once it resolves. `own` is a folder beside them for what is not done yet. */
export async function writeEntryFiles(folder: string, own: string, changes: readonly FileChange[]): Promise<void> {
  for (let i = 0; i < changes.length; i += AT_ONCE) {
    // Where one fails, the others must have ended, too, before anybody is told: they would replace what is written next.
    const ended = await Promise.allSettled(changes.slice(i, i + AT_ONCE).map((it) => writeOne(folder, own, it)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
  await syncFolder(folder);
}

async function writeOne(folder: string, own: string, { key, entry }: FileChange): Promise<void> {
  const path = join(folder, fileNameOf(key));
  if (entry === undefined) return rm(path, { force: true });
  await putInPlace(join(own, `${randomBytes(8).toString('hex')}.tmp`), path, async (file) => {
    await writeAll(file, Buffer.from(entryText(entry)));
    await file.utimes(changeTime(entry), changeTime(entry));
  });
}
