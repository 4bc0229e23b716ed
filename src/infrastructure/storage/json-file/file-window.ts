import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const FIRST_BYTES = 1024 * 1024;
/** More than this in one piece is nothing that was written here. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** A file read from front to back through a stretch of memory that moves over it and grows where it must. */
export class FileWindow {
  readonly #file: FileHandle;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #offset = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Runs `use` on the file, which is opened for reading and never through a symbolic link. */
  static async over<T>(path: string, use: (window: FileWindow) => Promise<T>): Promise<T> {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await use(new FileWindow(file));
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

  /** Lets go of the first `done` bytes and reads more behind the others. False where nothing more comes. */
  async advance(done: number): Promise<boolean> {
    this.#buffer.copyWithin(0, done, this.#length);
    this.#offset += done;
    this.#length -= done;
    if (this.#length === MAX_BYTES) return false;
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
