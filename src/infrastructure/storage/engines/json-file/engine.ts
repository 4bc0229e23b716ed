import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { IsInt, IsNumber, Max, Min } from 'class-validator';
import { AppError } from '../../../../domain/errors.js';
import { removeLeftovers, replaceFile } from '../../../files/durable-file.js';
import { toStorageError } from '../../building-blocks/storage-errors.js';
import type { Engine, Place } from '../engine.js';
import { MemoryStore } from '../memory/memory-store.js';
import { JsonFileStore } from './json-file-store.js';
import { openFiles, readFiles, type StorePaths } from './open-files.js';

/** `storage.options` of the engine `json-file`. */
export class JsonFileOptions {
  /** Bytes that the journal has at least when it is folded into the file. */
  @IsInt()
  @Min(1)
  @Max(1024 * 1024 * 1024)
  journal_bytes = 4 * 1024 * 1024;

  /** Seconds that a write may take before the project is closed. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;
}

/** One readable JSON file per project, `NAME_store.json`, and a journal beside it while the project is open. */
export const engine: Engine<JsonFileOptions> = {
  Options: JsonFileOptions,

  async open(place, options, log) {
    const paths = pathsOf(place);
    try {
      for (const path of [paths.file, paths.current]) await removeLeftovers(path);
      const state = await openFiles(paths, log);
      return new JsonFileStore({ ...state, log, options });
    } catch (error) {
      throw toStorageError(paths.file, error);
    }
  },

  async read(place) {
    const paths = pathsOf(place);
    try {
      return new MemoryStore((await readFiles(paths)).table);
    } catch (error) {
      throw toStorageError(paths.file, error);
    }
  },

  async create(place) {
    const { file, current, old } = pathsOf(place);
    for (const path of [file, current, old]) {
      if (await exists(path)) throw new AppError('unavailable', `${path} is there already`);
    }
    try {
      await replaceFile(file, (it) => it.writeFile('{}\n'));
    } catch (error) {
      throw toStorageError(file, error);
    }
  },

  files(place) {
    const { file, current, old } = pathsOf(place);
    return [file, current, old];
  },

  tuning: ['journal_bytes', 'commit_timeout'],

  async examine(place, _options, findings) {
    const { checkFiles } = await import('./check.js');
    await checkFiles(pathsOf(place), findings);
  },

  async repair(place, _options, unsound) {
    const { repair } = await import('./repair.js');
    return repair(pathsOf(place), unsound);
  },
};

function pathsOf({ folder, name }: Place): StorePaths {
  const current = join(folder, `${name}_store.journal`);
  return { file: join(folder, `${name}_store.json`), current, old: `${current}.old` };
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
