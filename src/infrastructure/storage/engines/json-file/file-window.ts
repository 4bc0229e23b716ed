import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { unreadableFile } from '../../../files/storage-errors.js';

/** How large the buffer is at first: twice the file, within these bounds. */
const SMALLEST_BUFFER = 4 * 1024;
const LARGEST_BUFFER = 1024 * 1024;
/** The longest line or entry that can be read; none longer is written. */
export const MAX_PIECE_BYTES = 1024 * 1024 * 1024;

/** A file read from front to back through a buffer that moves over it and grows if it must. */
export class FileWindow {
  readonly #path: string;
  readonly #file: FileHandle;
  #buffer: Buffer;
  #length = 0;
  #offset = 0;

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(LARGEST_BUFFER, Math.max(SMALLEST_BUFFER, 2 * size)));
  }

  /** Runs `use` on the file, which is opened for reading and never through a symbolic link. */
  static async over<T>(path: string, use: (window: FileWindow) => Promise<T>): Promise<T> {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      return await use(new FileWindow(path, file, size));
    } finally {
      await file.close();
    }
  }

  /** What is in memory; valid until the next `advance`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The position of the first of `bytes` in the file. */
  get offset(): number {
    return this.#offset;
  }

  /** Drops the first bytes, which are consumed, and reads more after the others. False at the end of the file. */
  async advance(consumed: number): Promise<boolean> {
    this.#buffer.copyWithin(0, consumed, this.#length);
    this.#offset += consumed;
    this.#length -= consumed;
    if (this.#length >= MAX_PIECE_BYTES) throw unreadableFile(this.#path, `is one piece from byte ${this.#offset} on`);
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
