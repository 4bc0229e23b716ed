import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readIdFile, writeIdFile } from './id-file.js';

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
export function storedOwner(folder: string): Promise<string | undefined> {
  return readIdFile(join(folder, FILE), 'which says which stores of a server are its own');
}

/** Gives a folder this id, durably. Rejects with `unavailable` or `insufficient_storage`. */
export function writeOwner(folder: string, id: string): Promise<void> {
  return writeIdFile(join(folder, FILE), id);
}
