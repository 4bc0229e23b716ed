import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A small file system of its own. */
export interface SmallDisk {
  readonly path: string;
  /** Only ext4: triggers an error, after which the kernel makes it read-only. */
  fail(): Promise<void>;
  /** Makes all writes durable, so that they are there after `fail`. */
  sync(): void;
  /** Only ext4: unmounts and mounts it, as after a restart of the machine. */
  again(): void;
  remove(): Promise<void>;
}

/** Mounts a disk; undefined, with a printed line, if that is not possible. */
export async function smallDisk(kind: 'tmpfs' | 'ext4', bytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'portkv-disk-'));
  const image = `${path}.image`;
  const options =
    kind === 'tmpfs' ? ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs'] : ['-o', 'loop,errors=remount-ro', image];
  const mount = () => run('mount', ...options, path);
  const remove = async () => {
    await rmdir(path);
    await rm(image, { force: true });
  };
  try {
    if (kind === 'ext4') {
      await writeFile(image, '');
      await truncate(image, bytes);
      run('mkfs.ext4', '-q', '-F', image);
    }
    mount();
  } catch (error) {
    await remove();
    console.log(`        SKIPPED: no ${kind} can be mounted here; it needs root (${(error as Error).message})`);
    return undefined;
  }
  return {
    path,
    fail: () => writeFile(`/sys/fs/ext4/${basename(run('findmnt', '-no', 'SOURCE', path))}/trigger_fs_error`, '1'),
    sync: () => void run('sync', '-f', path),
    again() {
      run('umount', path);
      mount();
    },
    async remove() {
      // A server of a failed test may still run.
      run('umount', '-l', path);
      await remove();
    },
  };
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}
