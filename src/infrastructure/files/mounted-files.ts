import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '../../domain/errors.js';

/** Its records are appended, and its rotation does without renaming. */
const AUDIT_FILE = 'audit.portkv.ndjson';

/**
 * Rejects with `invalid` if single files below the folder are mount points: its files are replaced by renaming, which a
 * mount point does not allow. Where the system does not list its mounts nothing is refused.
 */
export async function refuseMountedFiles(folder: string): Promise<void> {
  const root = await realpath(folder);
  const mounts = (await mountPoints()).filter((path) => path.startsWith(root + sep) && path !== join(root, AUDIT_FILE));
  for (const path of mounts) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile())
      throw new AppError('invalid', `${path} is mounted by itself: mount the folder ${root} instead`);
  }
}

async function mountPoints(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const fields = text.split('\n').map((line) => line.split(' ')[4] ?? '');
  return fields.map((path) => path.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))));
}
