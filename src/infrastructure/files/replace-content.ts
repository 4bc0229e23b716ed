import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile, syncFolder } from './durable-file.js';
import { keepOwner } from './keep-owner.js';
import { writeAll } from './write-all.js';

/** A file that is being written in place: what it held, and what it will hold. */
interface InterruptedWrite {
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces the text of a file durably. A file whose name cannot be given to another one, because it is a mount point,
 * is written in place: what is to be written is kept beside it first, so that a crash leaves no torn file for long. If
 * it fails, the file has the text that it had.
 */
export async function replaceContent(path: string, before: string, after: string): Promise<void> {
  try {
    await replaceFile(path, async (file) => {
      await keepOwner(file, path);
      await file.writeFile(after);
    });
  } catch (error) {
    if (!isMountPoint(error)) throw error;
    await writeInPlace(path, { before, after });
  }
}

/** Whether a rename failed because the name is a mount point. */
export function isMountPoint(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'EBUSY' || code === 'EXDEV';
}

/** What the file holds once the write in place that a crash interrupted is finished; `found` is what was read. */
export async function wholeContent(path: string, found: Buffer): Promise<Buffer> {
  const write = await interruptedWrite(path);
  return write !== undefined && isTorn(found, write) ? Buffer.from(write.after) : found;
}

/** Finishes a write in place that a crash interrupted. A file that was changed since then is left as it is. */
export async function finishInterruptedWrite(path: string): Promise<void> {
  const write = await interruptedWrite(path);
  if (write === undefined) return;
  if (isTorn(await readFile(path), write)) await overwrite(path, write.after);
  await forget(path);
}

async function writeInPlace(path: string, write: InterruptedWrite): Promise<void> {
  await replaceFile(copyOf(path), (file) => file.writeFile(JSON.stringify(write)));
  try {
    await overwrite(path, write.after);
  } catch (error) {
    await overwrite(path, write.before); // If this fails, too, the copy stays, and the next start uses it.
    await forget(path);
    throw error;
  }
  await forget(path);
}

async function overwrite(path: string, text: string): Promise<void> {
  const file: FileHandle = await open(path, 'r+');
  try {
    await file.truncate(await writeAll(file, Buffer.from(text)));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function forget(path: string): Promise<void> {
  await rm(copyOf(path), { force: true });
  await syncFolder(dirname(path));
}

function copyOf(path: string): string {
  return `${path}.in-place`;
}

async function interruptedWrite(path: string): Promise<InterruptedWrite | undefined> {
  try {
    return JSON.parse(await readFile(copyOf(path), 'utf8')) as InterruptedWrite;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENAMETOOLONG'].includes(code)) return undefined;
    throw error;
  }
}

/** Whether each byte is of one text or the other, or zero where the disk had not got it, but not all of one text. */
function isTorn(found: Buffer, write: InterruptedWrite): boolean {
  const [before, after] = [Buffer.from(write.before), Buffer.from(write.after)];
  if (found.equals(before) || found.equals(after)) return false;
  if (found.length > Math.max(before.length, after.length)) return false;
  return found.every((byte, i) => byte === before[i] || byte === after[i] || byte === 0);
}
