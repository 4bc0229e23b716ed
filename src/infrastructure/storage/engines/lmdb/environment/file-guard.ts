import { type Stats, statSync } from 'node:fs';
import { CorruptFileError } from '../pages/file-header.js';

/** Detects that a file in use was removed or cut: what is written to it after that would be lost after a restart. */
export class FileGuard {
  readonly #file: string;
  readonly #inode: number;
  #size: number;

  constructor(file: string) {
    this.#file = file;
    const { ino, size } = statSync(file);
    this.#inode = ino;
    this.#size = size;
  }

  /** Throws `CorruptFileError` if it was. */
  requireInPlace(): Stats {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    if (found?.ino !== this.#inode) throw new CorruptFileError('the file was taken away while it was in use');
    if (found.size < this.#size) throw new CorruptFileError('the file was cut while it was in use');
    this.#size = found.size;
    return found;
  }
}
