import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PIECE = 64 * 1024;

/** A file system of its own, which a test can fill. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** In memory, with so many MiB. Undefined, with a printed line, if none can be mounted here. */
export async function mountSmallDisk(mib: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'portkv-disk-'));
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', path]).catch((it: Error) => it);
  if (mounted instanceof Error) {
    await rm(path, { recursive: true });
    console.log(`        SKIPPED: no disk can be mounted here (${mounted.message.replace(/\s+/g, ' ')})`);
    return undefined;
  }
  // The user of a database has to reach its folder.
  await chmod(path, 0o755);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: async () => {
      const file = await open(ballast, 'a');
      for (let size = PIECE; size > 0; ) {
        const { bytesWritten } = await file.write(Buffer.alloc(size)).catch(() => ({ bytesWritten: 0 }));
        if (bytesWritten < size) size = Math.floor(size / 2);
      }
      await file.close();
    },
    empty: () => rm(ballast, { force: true }),
    remove: async () => {
      await run('umount', ['-l', path]);
      await rm(path, { recursive: true, force: true });
    },
  };
}
