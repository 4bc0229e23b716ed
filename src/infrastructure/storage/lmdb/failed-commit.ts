import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../files/durable-file.js';
import { dataFile, type Environment, failedCommits } from './environment.js';
import { STATE_KEY } from './state.js';

/**
 * Whether a commit failed that no later one followed. LMDB then puts the former number back into the meta page that it could not
 * write, with the new trees beside it: that page describes nothing, and the other one is good. Noted in a file, because
 * the same in a file where nothing failed would be damage.
 */
export async function hasFailedCommit(folder: string): Promise<boolean> {
  if (failedCommits.has(dataFile(folder))) {
    // Where the note cannot be written, this process still knows.
    await note(folder).catch(() => undefined);
    return true;
  }
  const file = await open(noteFile(folder), 'r').catch(() => undefined);
  await file?.close();
  return file !== undefined;
}

/** Writes that meta page anew, by a commit that changes nothing, and forgets. */
export async function healFailedCommit(folder: string, env: Environment): Promise<void> {
  const state = env.meta.getBinary(STATE_KEY);
  if (state !== undefined) await env.commit(() => env.meta.put(STATE_KEY, Buffer.from(state)));
  failedCommits.delete(env.file);
  await rm(noteFile(folder), { force: true });
  await syncFolder(folder);
}

async function note(folder: string): Promise<void> {
  const file = await open(noteFile(folder), 'w', 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

function noteFile(folder: string): string {
  return join(folder, 'failed');
}
