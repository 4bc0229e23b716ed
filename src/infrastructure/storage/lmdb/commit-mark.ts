import { closeSync, constants, fdatasync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const UNDER_WAY = Buffer.from('1');
const NONE = Buffer.from('0');

/**
 * A file that says whether a commit is under way. When LMDB cannot write a meta page it puts the former number back into it,
 * with the new trees beside it: that page describes nothing, and the other one is good. Where no commit was under way the same is
 * damage. The process may end between that and the moment it hears of the failure; hence this is written before. Only a
 * failed commit makes it durable: with a power cut goes what that commit wrote, too.
 */
export class CommitMark {
  readonly #file: number;

  /** Throws where it cannot be written. */
  constructor(folder: string) {
    this.#file = openSync(markFile(folder), FLAGS, 0o600);
  }

  /** Throws where it cannot be written; then the commit must not begin. */
  begin(): void {
    writeSync(this.#file, UNDER_WAY, 0, 1, 0);
  }

  /** The commit is done. Where that cannot be written, the next start allows for one that is not. */
  end(): void {
    try {
      writeSync(this.#file, NONE, 0, 1, 0);
    } catch {}
  }

  /** The commit failed; resolves when that is on the disk, or cannot be. */
  failed(): Promise<void> {
    return new Promise((resolve) => fdatasync(this.#file, () => resolve()));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Whether the last commit in this folder was not finished. */
export async function hasUnfinishedCommit(folder: string): Promise<boolean> {
  const mark = await readFile(markFile(folder)).catch(() => NONE);
  return mark.equals(UNDER_WAY);
}

function markFile(folder: string): string {
  return join(folder, 'commit');
}
