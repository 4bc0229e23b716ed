import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../domain/errors.js';
import { syncFolder, writeNewFile } from '../../../files/durable-file.js';
import { type FileChange, writeEntry } from './entry-file.js';
import type { FileNames } from './file-name.js';

/** Files that are written at once. */
const CONCURRENT_WRITES = 16;

/** Where the files of entries are. */
export interface EntryPlace {
  readonly folder: string;
  /** A folder on the same disk, for unfinished files. */
  readonly own: string;
  readonly names: FileNames;
}

/** A change whose new content is on the disk already, in a file of another name. */
interface PreparedChange {
  readonly key: string;
  /** Undefined if the entry is removed. */
  readonly temporary: string | undefined;
}

/**
 * Changes of files that have all the room that they need: their content is written and synced, and only names are left
 * to change.
 */
export class PreparedFiles {
  readonly #place: EntryPlace;
  #prepared: PreparedChange[] = [];

  private constructor(place: EntryPlace) {
    this.#place = place;
  }

  /** Rejects with the error of the system, with nothing left behind. */
  static async write(place: EntryPlace, changes: readonly FileChange[]): Promise<PreparedFiles> {
    const files = new PreparedFiles(place);
    try {
      await inGroups(changes, async (change) => {
        files.#prepared.push({ key: change.key, temporary: await writeTemporary(place, change) });
      });
      return files;
    } catch (error) {
      await files.discard();
      throw error;
    }
  }

  /** Replaces and removes the files of the entries, durably. */
  async apply(): Promise<void> {
    const { folder, names } = this.#place;
    await inGroups(this.#prepared, async ({ key, temporary }) => {
      if (temporary !== undefined) await rename(temporary, join(folder, nameOf(names, key)));
      else for (const name of names.all(key)) await rm(join(folder, name), { force: true });
    });
    await syncFolder(folder);
  }

  async discard(): Promise<void> {
    for (const { temporary } of this.#prepared) if (temporary !== undefined) await rm(temporary, { force: true });
  }
}

async function writeTemporary({ own, names }: EntryPlace, { key, entry }: FileChange): Promise<string | undefined> {
  if (entry === undefined) return undefined;
  nameOf(names, key);
  const temporary = join(own, `${randomBytes(8).toString('hex')}.tmp`);
  await writeNewFile(temporary, (file) => writeEntry(file, entry));
  return temporary;
}

function nameOf(names: FileNames, key: string): string {
  const name = names.of(key);
  if (name === undefined) throw new AppError('insufficient_storage', names.problemOf(key));
  return name;
}

/** If one fails, the others must have ended before that is reported: they would replace what is written next. */
async function inGroups<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += CONCURRENT_WRITES) {
    const group = items.slice(i, i + CONCURRENT_WRITES).map(task);
    for (const ended of await Promise.allSettled(group)) if (ended.status === 'rejected') throw ended.reason;
  }
}
