import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsNumber, Max, Min } from 'class-validator';
import { syncFolder } from '../../../files/durable-file.js';
import type { Engine, Place } from '../engine.js';
import { checkBeforeOpen } from './check-before-open.js';
import { clearMark, markClean, wasClosed } from './clean-shutdown.js';
import { damage } from './corruption.js';
import { closeEnvironment, dataFile, type Environment, openEnvironment } from './environment.js';
import { LmdbStore } from './lmdb-store.js';
import { formatMetadata, METADATA_KEY } from './metadata.js';
import { openReadOnly } from './open-read-only.js';

/** `storage.options` of the engine `lmdb`; times in seconds. */
export class LmdbOptions {
  /** How long a write may take before the project is closed. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;

  /** How long a store that was not closed in good order is checked before it is opened unchecked. */
  @IsNumber()
  @Min(1)
  @Max(3600)
  check_timeout = 60;
}

/** One LMDB environment per project, in the folder `NAME.lmdb`. */
export const engine: Engine<LmdbOptions> = {
  Options: LmdbOptions,

  async open(place, options, log) {
    const folder = folderOf(place);
    try {
      await checkBeforeOpen(folder, options.check_timeout * 1000, log);
      const closed = await wasClosed(folder);
      await clearMark(folder);
      const env = openEnvironment(folder, false);
      try {
        if (!closed) await rewriteMeta(env);
        return new LmdbStore(env, options, () => markClean(folder));
      } catch (error) {
        await closeEnvironment(env, false);
        throw error;
      }
    } catch (error) {
      throw damage(dataFile(folder), error);
    }
  },

  async read(place, options, log) {
    const folder = folderOf(place);
    try {
      await checkBeforeOpen(folder, options.check_timeout * 1000, log);
      return await openReadOnly(folder, options);
    } catch (error) {
      throw damage(dataFile(folder), error);
    }
  },

  async create(place) {
    const folder = folderOf(place);
    await mkdir(folder, { mode: 0o700 });
    try {
      const env = openEnvironment(folder, true);
      await env.commit(() => env.meta.put(METADATA_KEY, formatMetadata({ keys: 0, bytes: 0 })));
      await closeEnvironment(env, false);
      await markClean(folder);
      await syncFolder(folder);
      await syncFolder(place.folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw damage(dataFile(folder), error);
    }
  },

  files: (place) => [folderOf(place)],

  tuning: ['commit_timeout', 'check_timeout'],

  async examine(place, _options, findings) {
    const folder = folderOf(place);
    const { checkFile } = await import('./check-file.js');
    try {
      checkFile(dataFile(folder), await wasClosed(folder), (entry) => findings.check(entry));
      findings.notes.push('every page, checksum and count is right');
    } catch (error) {
      findings.damages.push(`${dataFile(folder)}: ${(error as Error).message}`);
    }
  },
};

/** Writes anew the older meta page, of which a failed commit may have left something, by a commit that changes nothing. */
async function rewriteMeta(env: Environment): Promise<void> {
  const state = env.meta.getBinary(METADATA_KEY);
  if (state !== undefined) await env.commit(() => env.meta.put(METADATA_KEY, Buffer.from(state)));
}

function folderOf({ folder, name }: Place): string {
  return join(folder, `${name}.lmdb`);
}
