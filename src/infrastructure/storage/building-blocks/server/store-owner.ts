import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../files/durable-file.js';
import { diskError } from '../../../files/storage-errors.js';

const FILE = 'remote-stores.portkv.json';

/** What is being read or made, by folder: only one id may be made. */
const known = new Map<string, Promise<string>>();

/**
 * The id that makes the names of the stores of a data folder unlike those of others on the same server. It is made
 * durably at the first call. Rejects with `unavailable` or `insufficient_storage`.
 */
export function storeOwner(folder: string): Promise<string> {
  let owner = known.get(folder);
  if (owner === undefined) {
    owner = readOwner(folder).finally(() => known.delete(folder));
    known.set(folder, owner);
  }
  return owner;
}

async function readOwner(folder: string): Promise<string> {
  const found = await storedOwner(folder);
  if (found !== undefined) return found;
  const id = randomUUID();
  await writeOwner(folder, id);
  return id;
}

/** The id that a folder has; undefined if there is none yet. Rejects with `unavailable`. */
export async function storedOwner(folder: string): Promise<string | undefined> {
  const path = join(folder, FILE);
  try {
    const { id } = JSON.parse(await readFile(path, 'utf8')) as { id?: unknown };
    if (typeof id !== 'string' || id === '') throw new Error('it has no id');
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw diskError(error, `cannot read ${path}, which says which stores of a server are its own`);
    }
  }
  return undefined;
}

/** Gives a folder this id, durably. Rejects with `unavailable` or `insufficient_storage`. */
export async function writeOwner(folder: string, id: string): Promise<void> {
  const path = join(folder, FILE);
  try {
    await replaceFile(path, (file) => file.writeFile(`${JSON.stringify({ id }, null, 2)}\n`));
  } catch (error) {
    throw diskError(error, `cannot write ${path}`);
  }
}
