import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { unreadable } from '../../building-blocks/storage-errors.js';

const FIRST_BYTES = 1024 * 1024;
/** The longest line or entry that can be read; none longer is written. */
export const MAX_PIECE_BYTES = 1024 * 1024 * 1024;

/** A file read from front to back through a stretch of memory that moves over it and grows where it must. */
export class FileWindow {
  readonly #path: string;
  readonly #file: FileHandle;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #offset = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Runs `use` on the file, which is opened for reading and never through a symbolic link. */
  static async over<T>(path: string, use: (window: FileWindow) => Promise<T>): Promise<T> {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await use(new FileWindow(path, file));
    } finally {
      await file.close();
    }
  }

  /** What is in memory; good until the next `advance`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Where in the file the first of `bytes` is. */
  get offset(): number {
    return this.#offset;
  }

  /** Lets go of the first `done` bytes and reads more behind the others. False at the end of the file. */
  async advance(done: number): Promise<boolean> {
    this.#buffer.copyWithin(0, done, this.#length);
    this.#offset += done;
    this.#length -= done;
    if (this.#length >= MAX_PIECE_BYTES) throw unreadable(this.#path, `is one piece from byte ${this.#offset} on`);
    if (this.#length * 2 > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    const { bytesRead } = await this.#file.read(this.#buffer, this.#length);
    this.#length += bytesRead;
    return bytesRead > 0;
  }
}
