import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { AppError } from '../../../../domain/errors.js';

/** How often the lock is asked for while another process has it, in ms; at random, so that all get their turn. */
const EVERY = 3;

/** A lock that the processes which share a folder take one after another. The kernel keeps it, and frees that of a dead process. */
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

  /** `timeout` in ms is how long `run` waits for other processes. */
  static async open(path: string, timeout: () => number): Promise<FolderLock> {
    return new FolderLock(
      path,
      timeout,
      await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600),
    );
  }

  /** Runs the task while no other task runs, of this or another process. Rejects with `unavailable` where they take too long. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const running = this.#last.then(async () => {
      await this.#acquire();
      try {
        return await task();
      } finally {
        unlock(this.#file.fd);
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
    while (!tryLock(this.#file.fd)) {
      if (performance.now() > end) {
        throw new AppError('unavailable', `${this.#path} is kept locked by another process for ${timeout} ms`);
      }
      await sleep(Math.random() * EVERY);
    }
  }
}
