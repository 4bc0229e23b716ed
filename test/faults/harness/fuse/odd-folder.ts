import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a file system differs from an ordinary one. */
export interface Peculiarities {
  readonly ignoreCase?: boolean;
  /** The longest name, in bytes. */
  readonly maxName?: number;
  /** Times are kept in steps of so many ns. */
  readonly timeResolution?: number;
  /** Times and modes cannot be set. */
  readonly noTimes?: boolean;
  readonly noModes?: boolean;
  /** It does not say how large it is. */
  readonly noSize?: boolean;
  /** What syncing a folder, and taking a lock, fails with. */
  readonly syncFolder?: 'EINVAL' | 'ENOTSUP' | 'ENOSYS' | 'EIO';
  readonly locks?: 'ENOLCK' | 'ENOSYS';
}

/** A mounted folder that behaves as asked. */
export interface OddFolder {
  readonly path: string;
  /** The folder below, as an ordinary one: without the peculiarities. */
  readonly below: string;
  remove(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL('./fuse-process.js', import.meta.url));

/** Mounts a folder by FUSE; undefined, with a printed line, if that is not possible here. */
export async function oddFolder(odd: Peculiarities): Promise<OddFolder | undefined> {
  const base = await mkdtemp(join(tmpdir(), 'portkv-fuse-'));
  const [path, below] = [join(base, 'mounted'), join(base, 'below')];
  await mkdir(path);
  await mkdir(below);
  let device: number | undefined;
  let child: ChildProcess | undefined;
  try {
    device = openSync('/dev/fuse', 'r+');
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions';
    const mount = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'portkv-test', path], {
      stdio: ['ignore', 'ignore', 'pipe', device],
      encoding: 'utf8',
    });
    if (mount.status !== 0) throw new Error(mount.error?.message ?? mount.stderr.trim());
    child = spawn(process.execPath, [PROCESS, below, JSON.stringify(odd)], {
      stdio: ['ignore', 'ignore', 'inherit', device],
    });
  } catch (error) {
    await rm(base, { recursive: true, force: true });
    console.log(`        SKIPPED: no FUSE can be mounted here; it needs root (${(error as Error).message})`);
    return undefined;
  } finally {
    if (device !== undefined) closeSync(device);
  }
  const running = child;
  return {
    path,
    below,
    async remove() {
      const ended = running.exitCode === null ? once(running, 'exit') : undefined;
      spawnSync('umount', ['-l', path]);
      running.kill('SIGKILL');
      await ended;
      await rm(base, { recursive: true, force: true });
    },
  };
}
