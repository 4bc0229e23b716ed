declare module 'fs-native-extensions' {
  /** Whether the lock on the open file was granted; it ends with the file descriptor, and so with the process. */
  export function tryLock(fd: number, options?: { readonly shared: boolean }): boolean;
  export function unlock(fd: number): void;
}
