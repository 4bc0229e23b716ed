import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type * as Locks from 'fs-native-extensions';
import { AppError } from '../../domain/errors.js';
import { missingAddon } from '../native-addons.js';

const { errno } = constants;

/**
 * What the system says if a file system keeps no locks, or not the kind that a process cannot lose by accident. libuv
 * has no name for ENOLCK.
 */
const NO_LOCKS: ReadonlySet<unknown> = new Set([
  'ENOLCK',
  `Unknown system error -${errno.ENOLCK}`,
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
]);

let loaded: typeof Locks | undefined;

/**
 * Takes the lock of an open file, which the kernel keeps until the file is closed; false if another process has it.
 * Throws `unavailable` if the file system keeps no locks: two servers could write the same files unnoticed.
 */
export function tryFileLock(fd: number, path: string, options?: { readonly shared: boolean }): boolean {
  try {
    return locks().tryLock(fd, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!NO_LOCKS.has(code)) throw error;
    const name = code?.startsWith('Unknown') ? 'ENOLCK' : code;
    const cure =
      'use a folder on a local disk, or mount this one with locks (NFS: without nolock, with its lock service)';
    throw new AppError('unavailable', `${path} cannot be locked: its file system keeps no locks (${name}); ${cure}`, {
      cause: error,
    });
  }
}

export function unlockFile(fd: number): void {
  locks().unlock(fd);
}

/** Loaded at the first use: what takes no lock works without the addon. Throws `unavailable` if it is missing. */
function locks(): typeof Locks {
  try {
    loaded ??= createRequire(import.meta.url)('fs-native-extensions') as typeof Locks;
    return loaded;
  } catch (error) {
    throw missingAddon(error) ?? error;
  }
}
