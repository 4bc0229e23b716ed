import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oddFolder, type Peculiarities } from '../fuse/odd-folder.js';

/** A folder on a file system that is not an ordinary one. */
export interface OddDisk {
  readonly path: string;
  remove(): Promise<void>;
}

export interface OddDiskKind {
  readonly name: string;
  /** Undefined, with a printed line, if it cannot be mounted here. */
  mount(): Promise<OddDisk | undefined>;
}

const KIB = 1024;

/** Real file systems, mounted from an image, and some that only behave like others, by FUSE. */
export const ODD_DISKS: readonly OddDiskKind[] = [
  image('ext4 with times of whole seconds', 'ext4', 32 * 1024 * KIB, ['-I', '128']),
  image('vfat', 'vfat', 40 * 1024 * KIB, []),
  fuse('a folder that ignores case', { ignoreCase: true }),
  fuse('a folder with names of 143 bytes', { maxName: 143 }),
  fuse('a folder with names of 80 bytes', { maxName: 80 }),
  fuse('a shared folder of a virtual machine', {
    ignoreCase: true,
    maxName: 143,
    timeResolution: 2_000_000_000,
    noModes: true,
    noTimes: true,
    noSize: true,
    syncFolder: 'EINVAL',
  }),
];

function fuse(name: string, odd: Peculiarities): OddDiskKind {
  return { name, mount: () => oddFolder(odd) };
}

function image(name: string, type: string, bytes: number, options: readonly string[]): OddDiskKind {
  return {
    name,
    async mount() {
      const path = await mkdtemp(join(tmpdir(), 'portkv-disk-'));
      const file = `${path}.image`;
      const remove = async () => {
        await rm(path, { recursive: true, force: true });
        await rm(file, { force: true });
      };
      try {
        await writeFile(file, '');
        await truncate(file, bytes);
        run(`mkfs.${type}`, ...options, file);
        run('mount', '-t', type, '-o', 'loop', file, path);
      } catch (error) {
        await remove();
        console.log(
          `        SKIPPED: no ${type} can be mounted here (${(error as Error).message.replace(/\s+/g, ' ')})`,
        );
        return undefined;
      }
      return {
        path,
        async remove() {
          run('umount', '-l', path);
          await remove();
        },
      };
    },
  };
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`);
}
