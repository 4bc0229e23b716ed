import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IsBoolean, IsNumber, IsString, Matches, Max, Min } from 'class-validator';
import { syncFolder } from '../../../files/durable-file.js';
import { refuseLink } from '../../../files/refuse-link.js';
import { Optional } from '../../../validation/setting-rules.js';
import { toStorageError } from '../../building-blocks/storage-errors.js';
import type { Engine, Place } from '../engine.js';
import { DirectoryStore, type Writing } from './directory-store.js';
import { writeEntryFiles } from './entry-files.js';
import { OWN } from './file-name.js';
import { FolderIndex } from './folder-index.js';
import { FolderLock } from './folder-lock.js';
import { IntentLog } from './intent-log.js';
import { isEntryFile } from './read-entry-file.js';
import { Tombstones } from './tombstones.js';

/** `storage.options` of the engine `directory`. */
export class DirectoryOptions {
  /** A folder that is shared with other programs, relative to the data folder; the project's own where it is not set. */
  @Optional()
  @IsString()
  @Matches(/^[^\0]+$/)
  path?: string;

  /** Writes nothing there. */
  @IsBoolean()
  read_only = false;

  /** Seconds that a write may take, and other processes may keep the lock, before the project is closed. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;
}

/** One readable JSON file per entry, in a folder that several processes may share. */
export const engine: Engine<DirectoryOptions> = {
  Options: DirectoryOptions,

  async open(place, options, log, others) {
    const folder = folderOf(place, options);
    try {
      if (options.path === undefined) await refuseLink(folder);
      await readdir(folder);
      const begin = () => prepare(folder, () => options.commit_timeout * 1000);
      const writing = options.read_only ? undefined : await begin();
      const index = new FolderIndex(folder, log, others);
      await index.load();
      return new DirectoryStore({ folder, index, options, begin, log }, writing);
    } catch (error) {
      throw toStorageError(folder, error);
    }
  },

  read: (place, options, log, others) => engine.open(place, { ...options, read_only: true }, log, others),

  async create(place, options) {
    const folder = folderOf(place, options);
    try {
      if (!options.read_only) await mkdir(folder, { mode: 0o700, recursive: options.path !== undefined });
      await syncFolder(dirname(folder));
    } catch (error) {
      throw toStorageError(folder, error);
    }
  },

  // A shared folder is not the project's: nothing there is moved aside or removed with it.
  files: (place, options) => (options.path === undefined ? [folderOf(place, options)] : []),

  tuning: ['read_only', 'commit_timeout'],
  inPlace: true,

  async remove(place, options) {
    if (options.path === undefined) await removeEntryFiles(folderOf(place, options));
  },

  async examine(place, options, findings) {
    const { intentProblem } = await import('./repair.js');
    const store = await engine.open(place, { ...options, read_only: true }, findings.log);
    await findings.count(store);
    await store.close();
    const problem = intentProblem(join(folderOf(place, options), OWN));
    if (problem !== undefined) findings.damages.push(problem);
  },

  async repair(place, options, unsound) {
    const { repair } = await import('./repair.js');
    return repair(folderOf(place, options), unsound);
  },
};

/** Where its files are. */
export function folderOf({ folder, name }: Place, { path }: Pick<DirectoryOptions, 'path'>): string {
  return resolve(folder, path ?? name);
}

/** Removes the folder but for what others put there. */
async function removeEntryFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isEntryFile)) await rm(join(folder, name)).catch(() => undefined);
  await rm(join(folder, OWN), { recursive: true, force: true });
  await rmdir(folder).catch(() => undefined);
}

/** Finishes what a process that died had committed, and removes what it had not. */
async function prepare(folder: string, timeout: () => number): Promise<Writing> {
  const own = join(folder, OWN);
  await refuseLink(own);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await syncFolder(folder);
  const lock = await FolderLock.open(join(own, 'lock'), timeout);
  const intent = new IntentLog(own);
  try {
    await lock.run(async () => {
      for (const name of await readdir(own)) if (name.endsWith('.tmp')) await rm(join(own, name));
      const left = intent.read();
      if (left === undefined) return;
      await writeEntryFiles(folder, own, left);
      await intent.remove();
    });
  } catch (error) {
    await lock.close();
    throw error;
  }
  return { own, lock, intent, deletes: new Tombstones(own) };
}
