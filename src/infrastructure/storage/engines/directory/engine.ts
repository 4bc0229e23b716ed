import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IsBoolean, IsNumber, IsString, Matches, Max, Min } from 'class-validator';
import type { ExternalChangeListener } from '../../../../application/ports/external-changes.js';
import { syncFolder } from '../../../files/durable-file.js';
import { inspectFileSystem } from '../../../files/file-system.js';
import { refuseLink } from '../../../files/refuse-link.js';
import { toStorageError } from '../../../files/storage-errors.js';
import { Optional } from '../../../validation/setting-rules.js';
import { SYNCED_TO_DISK } from '../../building-blocks/synced-to-disk.js';
import type { Engine } from '../engine.js';
import { dataName, type Location } from '../location.js';
import { DirectoryStore } from './directory-store.js';
import { type Authenticate, isEntryFile } from './entry-file.js';
import { FileNames, OWN_FOLDER } from './file-name.js';
import { FolderIndex } from './folder-index.js';
import { FolderWriter } from './folder-writer.js';

/** `storage.options` of the engine `directory`. */
export class DirectoryOptions {
  /** A folder that is shared with other programs, relative to the data folder; by default one of the project's own. */
  @Optional()
  @IsString()
  @Matches(/^[^\0]+$/)
  path?: string;

  /** Nothing is written there. */
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
  durability: SYNCED_TO_DISK,
  tuning: ['read_only', 'commit_timeout'],

  async open(location, options, log, listener) {
    const folder = folderOf(location, options);
    try {
      if (options.path === undefined) await refuseLink(folder);
      await readdir(folder);
      // A folder of its own is on the same file system as the data folder, which was probed at the start.
      const known = options.path === undefined ? location.fileSystem : undefined;
      const around = { fileSystem: known, reserve: location.reserve, log };
      const openWriter = () => FolderWriter.open(folder, () => options.commit_timeout * 1000, around);
      const writer = options.read_only ? undefined : await openWriter();
      const { maxNameBytes, ignoresCase } = known ?? writer?.fileSystem ?? (await inspectFileSystem(folder));
      const index = new FolderIndex({ folder, names: new FileNames(folder, maxNameBytes), ignoresCase }, log, listener);
      await index.load();
      return new DirectoryStore({ folder, index, options, openWriter, log }, writer);
    } catch (error) {
      throw toStorageError(folder, error);
    }
  },

  async create(location, options) {
    const folder = folderOf(location, options);
    try {
      if (!options.read_only) await mkdir(folder, { mode: 0o700, recursive: options.path !== undefined });
      await syncFolder(dirname(folder));
    } catch (error) {
      throw toStorageError(folder, error);
    }
  },

  // A shared folder is not the project's: nothing there is removed.
  async remove(location, options) {
    if (options.path === undefined) await removeEntryFiles(folderOf(location, options));
  },

  localFiles: {
    paths: (location, options) => (options.path === undefined ? [folderOf(location, options)] : []),
    openReadOnly: (location, options, log, listener) =>
      engine.open(location, { ...options, read_only: true }, log, listener),
    replacesInPlace: true,
  },

  maintenance: {
    async inspect(location, options, inspection) {
      const { inspect } = await import('./inspect.js');
      const listener = authenticatingBy((entry) => inspection.problemOf(entry) === undefined);
      const store = await engine.open(location, { ...options, read_only: true }, inspection.log, listener);
      await inspect(store, folderOf(location, options), inspection);
    },

    async repair(location, options, check) {
      const { repair } = await import('./repair.js');
      return repair(folderOf(location, options), check);
    },
  },
};

/** A listener that only says what a check finds, and is not interested in changes. */
function authenticatingBy(authenticate: Authenticate): ExternalChangeListener {
  const nothing = () => undefined;
  return { changed: nothing, overflowed: nothing, isWatched: () => false, setPoller: nothing, authenticate };
}

/** Where the files of the entries are. */
function folderOf(location: Location, { path }: Pick<DirectoryOptions, 'path'>): string {
  return resolve(location.folder, path ?? dataName(location));
}

/** Removes the folder, except for what other programs put there. */
async function removeEntryFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isEntryFile)) await rm(join(folder, name)).catch(() => undefined);
  await rm(join(folder, OWN_FOLDER), { recursive: true, force: true });
  await rmdir(folder).catch(() => undefined);
}
