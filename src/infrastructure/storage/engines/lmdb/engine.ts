import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsNumber, Max, Min } from 'class-validator';
import { removeFiles, syncFolder } from '../../../files/durable-file.js';
import { corruptFile } from '../../../files/storage-errors.js';
import { JournalOptions } from '../../building-blocks/journal/journal-options.js';
import { SYNCED_TO_DISK } from '../../building-blocks/synced-to-disk.js';
import type { Engine } from '../engine.js';
import { dataName, type Location } from '../location.js';
import { checkBeforeOpen, closedStateOf } from './check-before-open.js';
import { CleanShutdown, clearMark, recordClose } from './clean-shutdown.js';
import {
  closeEnvironment,
  createEnvironment,
  dataFile,
  openEnvironment,
  rewriteOlderMetaPage,
} from './environment/environment.js';
import { openReadOnly } from './open-read-only.js';
import { openStore } from './open-store.js';

/** `storage.options` of the engine `lmdb`; times in seconds. */
export class LmdbOptions extends JournalOptions {
  /** The journal is copied when it has at least so many bytes. */
  override journal_bytes = 16 * 1024 * 1024;

  /** How long a write may take before the project is closed. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;

  /** How long a store that was not closed cleanly is checked before it is opened unchecked. */
  @IsNumber()
  @Min(1)
  @Max(3600)
  check_timeout = 60;
}

/** One LMDB environment per project, in the folder `NAME.lmdb`, with a journal in it while the project is open. */
export const engine: Engine<LmdbOptions> = {
  Options: LmdbOptions,
  durability: SYNCED_TO_DISK,
  tuning: ['journal_bytes', 'segment_bytes', 'commit_timeout', 'check_timeout'],

  async open(location, options, log) {
    const folder = folderOf(location);
    try {
      const { closed, unchanged } = await checkBeforeOpen(folder, options.check_timeout * 1000, log);
      // The record stays until the first write: opening thousands of stores would sync as many folders.
      if (!unchanged) await clearMark(folder);
      const env = openEnvironment(folder, false);
      try {
        if (!closed) await rewriteOlderMetaPage(env);
        const shutdown = new CleanShutdown(folder, unchanged);
        return await openStore(folder, env, options, { shutdown, reserve: location.reserve, log });
      } catch (error) {
        await closeEnvironment(env, false);
        throw error;
      }
    } catch (error) {
      throw corruptFile(dataFile(folder), error);
    }
  },

  async create(location) {
    const folder = folderOf(location);
    await mkdir(folder, { mode: 0o700 });
    try {
      await closeEnvironment(await createEnvironment(folder), false);
      await recordClose(folder, { keys: 0, bytes: 0, hasMeta: false, nextExpiry: Number.POSITIVE_INFINITY });
      await syncFolder(folder);
      await syncFolder(location.folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw corruptFile(dataFile(folder), error);
    }
  },

  remove: (location) => removeFiles(location.folder, [folderOf(location)]),

  localFiles: {
    paths: (location) => [folderOf(location)],
    replacesInPlace: false,

    async openReadOnly(location, options, log) {
      const folder = folderOf(location);
      try {
        await checkBeforeOpen(folder, options.check_timeout * 1000, log);
        return await openReadOnly(folder, options, log);
      } catch (error) {
        throw corruptFile(dataFile(folder), error);
      }
    },
  },

  cleanShutdown: {
    closedState: (location) => closedStateOf(folderOf(location)),
  },

  maintenance: {
    async inspect(location, _options, inspection) {
      const { inspect } = await import('./inspect.js');
      await inspect(folderOf(location), inspection);
    },

    async repair(location, _options, check) {
      const { repair } = await import('./repair.js');
      return repair(folderOf(location), check);
    },
  },
};

function folderOf(location: Location): string {
  return join(location.folder, `${dataName(location)}.lmdb`);
}
