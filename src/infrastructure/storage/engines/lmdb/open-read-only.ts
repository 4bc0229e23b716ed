import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { readJournal } from '../../building-blocks/journal/read-journal.js';
import type { CheckpointOptions } from './checkpoint/checkpoint.js';
import { closeEnvironment, dataFile, journalFolder, openEnvironment } from './environment/environment.js';
import { lastFrameIn } from './environment/stored-metadata.js';
import { LmdbStore } from './lmdb-store.js';
import { pendingFrames } from './pending-frames.js';

/**
 * Opens an environment that no process writes, to be read, with what only its journal has. LMDB would write its table
 * of readers beside the data. So it finds the data through a link from a temporary folder, and writes there.
 */
export async function openReadOnly(folder: string, options: CheckpointOptions, log: Logger): Promise<LmdbStore> {
  const temporary = await mkdtemp(join(tmpdir(), 'portkv-lmdb-'));
  const removeTemporary = () => rm(temporary, { recursive: true, force: true });
  const shutdown = { recorded: false, clear: removeTemporary, closed: removeTemporary };
  try {
    await symlink(dataFile(folder), dataFile(temporary));
    const env = openEnvironment(temporary, false, true);
    try {
      const { pending, visit } = pendingFrames();
      await readJournal(journalFolder(folder), lastFrameIn(env), visit);
      return new LmdbStore({ env, writing: undefined, pending, options, shutdown, log });
    } catch (error) {
      await closeEnvironment(env, false);
      throw error;
    }
  } catch (error) {
    await removeTemporary();
    throw error;
  }
}
