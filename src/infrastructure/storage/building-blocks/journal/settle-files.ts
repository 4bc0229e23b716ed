import { open, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LEFTOVER, syncFolder } from '../../../files/durable-file.js';
import { toStorageError } from '../../../files/storage-errors.js';
import { type JournalFiles, readSegment, type UsedSegment } from './read-journal.js';
import { openForWriting, type Segment, withHeader, writeAt } from './segment-file.js';

/**
 * Makes durable what was read: after a failed write the last frame may be in the kernel's memory only. No file that is
 * there is written any more, because a write of a store that was closed because it hung may still reach it: what was
 * prepared is removed, the last segment is given its end, and the rest of it is given back. Returns the segments with
 * frames.
 */
export async function makeDurable(folder: string, { used, unused, released }: JournalFiles): Promise<UsedSegment[]> {
  try {
    const kept = used.slice(0, -1);
    const last = used.at(-1);
    if (last !== undefined) kept.push(await settleLast(last, released));
    for (const name of await namesIn(folder)) if (LEFTOVER.test(name)) await rm(join(folder, name), { force: true });
    const byMark = [...unused].sort((a, b) => a.header.released - b.header.released);
    await dropSegments(folder, byMark);
    return kept;
  } catch (error) {
    throw toStorageError(folder, error);
  }
}

/**
 * Removes segments, durably, and their folder if nothing else is left. The last one goes after the others: it says that
 * they are released.
 */
export async function dropSegments(folder: string, segments: readonly Segment[]): Promise<void> {
  const last = segments.at(-1);
  for (const { path } of segments.slice(0, -1)) await rm(path, { force: true });
  if (segments.length > 1) await syncFolder(folder);
  if (last !== undefined) await rm(last.path, { force: true });
  await removeFolder(folder);
}

async function settleLast(segment: UsedSegment, released: number): Promise<UsedSegment> {
  const { path, lastAt, end, last } = segment;
  const bytes = await readSegment(path);
  {
    await using file = await openForWriting(path);
    await writeAt(file, [bytes.subarray(lastAt, end)], lastAt);
  }
  // What is removed may have been all that says what is released.
  const { header } = await withHeader(segment, { ...segment.header, released, ends: last });
  await using file = await open(path, 'r+');
  await file.truncate(end);
  await file.sync();
  return { ...segment, header, size: end };
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await syncFolder(folder);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
