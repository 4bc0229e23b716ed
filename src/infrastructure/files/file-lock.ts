import { createRequire } from 'node:module';
import type * as Locks from 'fs-native-extensions';
import { missingAddon } from '../native-addons.js';

let loaded: typeof Locks | undefined;

/** Whether the lock on the open file was granted; it ends with the file descriptor, and so with the process. */
export function tryLock(fd: number, options?: { readonly shared: boolean }): boolean {
  return locks().tryLock(fd, options);
}

export function unlock(fd: number): void {
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
