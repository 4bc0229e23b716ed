import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.js';

/** The longest path of a folder for a socket file, in bytes: systems allow 104 to 108 for the file. */
const LONGEST = 85;
/** Where the folder is made if the place for temporary files is too long, is missing or cannot be written. */
const OTHERS = ['/tmp', '/var/tmp', '/dev/shm'];

/** Makes a private folder for a socket file, whatever TMPDIR is. Rejects with `unavailable`. */
export async function socketFolder(first = tmpdir()): Promise<string> {
  const failures: string[] = [];
  for (const place of [first, ...OTHERS]) {
    if (Buffer.byteLength(place) > LONGEST) {
      failures.push(`${place} is too long`);
      continue;
    }
    const made = await mkdtemp(join(place, 'portkv-')).catch((error: Error) => error);
    if (typeof made === 'string') return made;
    failures.push(made.message);
  }
  throw new AppError('unavailable', `A folder for a socket cannot be made: ${failures.join('; ')}`);
}
