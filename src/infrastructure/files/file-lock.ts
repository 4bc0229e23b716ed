import { constants } from 'node:os';
import { tryLock } from 'fs-native-extensions';
import { AppError } from '../../domain/errors.js';

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

/**
 * Takes the lock of an open file, which the kernel keeps until the file is closed; false if another process has it.
 * Throws `unavailable` if the file system keeps no locks: two servers could write the same files unnoticed.
 */
export function tryFileLock(fd: number, path: string, options?: { shared: boolean }): boolean {
  try {
    return tryLock(fd, options);
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
