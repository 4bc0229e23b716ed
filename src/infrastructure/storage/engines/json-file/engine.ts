import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { IsNumber, Max, Min } from 'class-validator';
import { AppError } from '../../../../domain/errors.js';
import { removeFiles, replaceFile } from '../../../files/durable-file.js';
import { toStorageError } from '../../../files/storage-errors.js';
import { JournalOptions } from '../../building-blocks/journal/journal-options.js';
import { MemoryStore } from '../../building-blocks/memory-store.js';
import { SYNCED_TO_DISK } from '../../building-blocks/synced-to-disk.js';
import type { Engine } from '../engine.js';
import { dataName, type Location } from '../location.js';
import { JsonFileStore } from './json-file-store.js';
import { openFiles, readFiles, type StorePaths } from './open-files.js';

/** `storage.options` of the engine `json-file`. */
export class JsonFileOptions extends JournalOptions {
  /** Seconds that a write may take before the project is closed. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;
}

/** One readable JSON file per project, `NAME_store.json`, and a journal beside it while the project is open. */
export const engine: Engine<JsonFileOptions> = {
  Options: JsonFileOptions,
  durability: SYNCED_TO_DISK,
  tuning: ['journal_bytes', 'segment_bytes', 'commit_timeout'],

  async open(location, options, log) {
    const paths = pathsOf(location);
    try {
      const state = await openFiles(paths, { maxSegmentBytes: options.segment_bytes, reserve: location.reserve, log });
      return new JsonFileStore({ ...state, log, options });
    } catch (error) {
      throw toStorageError(paths.file, error);
    }
  },

  async create(location) {
    const paths = pathsOf(location);
    const { file } = paths;
    for (const path of listOf(paths)) {
      if (await exists(path)) throw new AppError('unavailable', `${path} is there already`);
    }
    try {
      await replaceFile(file, (it) => it.writeFile('{}\n'));
    } catch (error) {
      throw toStorageError(file, error);
    }
  },

  remove: (location) => removeFiles(location.folder, listOf(pathsOf(location))),

  localFiles: {
    paths: (location) => listOf(pathsOf(location)),
    replacesInPlace: false,

    async openReadOnly(location) {
      const paths = pathsOf(location);
      try {
        return new MemoryStore(await readFiles(paths));
      } catch (error) {
        throw toStorageError(paths.file, error);
      }
    },
  },

  maintenance: {
    async inspect(location, _options, inspection) {
      const { inspect } = await import('./inspect.js');
      await inspect(pathsOf(location), inspection);
    },

    async repair(location, _options, check) {
      const { repair } = await import('./repair.js');
      return repair(pathsOf(location), check);
    },
  },
};

function pathsOf(location: Location): StorePaths {
  const name = join(location.folder, dataName(location));
  const journal = `${name}_store.journal`;
  return { file: `${name}_store.json`, journal, oldText: `${journal}.old` };
}

/** The file without which there is no store comes first. */
function listOf({ file, journal, oldText }: StorePaths): readonly string[] {
  return [file, journal, oldText];
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw toStorageError(path, error);
  }
}
