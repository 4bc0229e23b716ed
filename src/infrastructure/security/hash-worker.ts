import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashTask } from './hash-thread.js';
import { isPbkdf2, verifyPbkdf2 } from './pbkdf2.js';

/** What `HashThread` runs in its thread. */

/** A tenth of the weight of the other threads: they hardly notice it, and it still gets on if they are always busy. */
const NICE = 10;

// Elsewhere it would be the priority of the whole process.
if (process.platform === 'linux') setPriority(NICE);

parentPort?.on('message', (task: HashTask) => parentPort?.postMessage(done(task)));

function done(task: HashTask): string | boolean {
  if ('cost' in task) return hashSync(task.secret, task.cost);
  const { secret, hash } = task;
  return isPbkdf2(hash) ? verifyPbkdf2(secret, hash) : verifyArgon2(secret, hash);
}

function verifyArgon2(secret: string, hash: string): boolean {
  try {
    return verifySync(hash, secret);
  } catch {
    // It names a cost that argon2 does not know: nothing gives such a hash.
    return false;
  }
}
