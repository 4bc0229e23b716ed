import { type Stats, statSync } from 'node:fs';
import { CorruptFileError } from '../pages/file-header.js';

/** Detects that a file in use was removed or cut: what is written to it after that would be lost after a restart. */
export class FileGuard {
  readonly #file: string;
  readonly #inode: number;
  #size: number;
  #isCheckedForReads = false;

  constructor(file: string) {
    this.#file = file;
    const { ino, size } = statSync(file);
    this.#inode = ino;
    this.#size = size;
  }

  /** Throws `CorruptFileError` if it was cut below the size that it once had for good. */
  requireInPlace(): Stats {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    if (found?.ino !== this.#inode) throw new CorruptFileError('the file was taken away while it was in use');
    if (found.size < this.#size) throw new CorruptFileError('the file was cut while it was in use');
    return found;
  }

  /** As `requireInPlace`, once for all reads of a turn of the event loop. */
  requireInPlaceForReads(): void {
    if (this.#isCheckedForReads) return;
    this.requireInPlace();
    this.#isCheckedForReads = true;
    setImmediate(() => {
      this.#isCheckedForReads = false;
    });
  }

  /** The file has its present size for good. */
  grew(): void {
    this.#size = this.requireInPlace().size;
  }
}
