import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../domain/errors.js';
import { tryFileLock, unlockFile } from '../../../files/file-lock.js';

/** The longest wait between two attempts to take the lock, in ms; random, so that every process gets it. */
const RETRY_INTERVAL = 3;

/** A lock between the processes that share a folder. The kernel keeps it, and releases that of a dead process. */
export class FolderLock {
  readonly #path: string;
  readonly #timeout: () => number;
  readonly #file: FileHandle;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, timeout: () => number, file: FileHandle) {
    this.#path = path;
    this.#timeout = timeout;
    this.#file = file;
  }

  /** `timeout` returns how long `run` waits for other processes, in ms. */
  static async open(path: string, timeout: () => number): Promise<FolderLock> {
    return new FolderLock(
      path,
      timeout,
      await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600),
    );
  }

  /**
   * Runs the task while no other one runs, in this or another process. Rejects with `unavailable` if they take too
   * long.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    const running = this.#last.then(async () => {
      await this.#acquire();
      try {
        return await task();
      } finally {
        unlockFile(this.#file.fd);
      }
    });
    this.#last = running.catch(() => undefined);
    return running;
  }

  /** Waits for the tasks that run. */
  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #acquire(): Promise<void> {
    const timeout = this.#timeout();
    const end = performance.now() + timeout;
    while (!tryFileLock(this.#file.fd, this.#path)) {
      if (performance.now() > end) {
        throw new AppError('unavailable', `${this.#path} is kept locked by another process for ${timeout} ms`);
      }
      await sleep(Math.random() * RETRY_INTERVAL);
    }
  }
}
