import { constants } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../../files/durable-file.js';
import { dataFile } from './environment.js';

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Records that the data file was closed as it is now. Called after closing it. */
export async function markClean(folder: string): Promise<void> {
  const mark = await open(markFile(folder), WRITE, 0o600);
  try {
    await mark.writeFile(await fingerprint(folder));
  } finally {
    await mark.close();
  }
}

/** Whether the data file was closed cleanly and not changed since. */
export async function isClean(folder: string): Promise<boolean> {
  try {
    return (await readFile(markFile(folder), 'utf8')) === (await fingerprint(folder));
  } catch {
    return false;
  }
}

/** Whether the data file was closed cleanly, even if it was changed since. */
export async function wasClosed(folder: string): Promise<boolean> {
  return readFile(markFile(folder)).then(
    () => true,
    () => false,
  );
}

/** Removes the record, durably, before the file changes: a power cut may keep a change and lose its time stamp. */
export async function clearMark(folder: string): Promise<void> {
  await rm(markFile(folder), { force: true });
  await syncFolder(folder);
}

function markFile(folder: string): string {
  return join(folder, 'closed');
}

async function fingerprint(folder: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(dataFile(folder), { bigint: true });
  return `inode ${ino}, ${size} bytes, changed ${mtimeNs}\n`;
}
