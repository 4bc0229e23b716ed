import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeEnvironment, dataFile, openEnvironment } from './environment.js';
import { LmdbStore } from './lmdb-store.js';

/**
 * Opens an environment that no process writes, to be read. LMDB would write its table of readers beside the data. So it
 * finds the data through a link from a temporary folder, and writes there.
 */
export async function openReadOnly(folder: string, options: { readonly commit_timeout: number }): Promise<LmdbStore> {
  const temporary = await mkdtemp(join(tmpdir(), 'portkv-lmdb-'));
  const removeTemporary = () => rm(temporary, { recursive: true, force: true });
  try {
    await symlink(dataFile(folder), dataFile(temporary));
    const env = openEnvironment(temporary, false, true);
    try {
      return new LmdbStore(env, options, { recorded: false, clear: removeTemporary, closed: removeTemporary });
    } catch (error) {
      await closeEnvironment(env, false);
      throw error;
    }
  } catch (error) {
    await removeTemporary();
    throw error;
  }
}
