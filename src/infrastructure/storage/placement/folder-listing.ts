import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isLeftoverOf, LEFTOVER } from '../../files/durable-file.js';
import { diskError } from '../../files/storage-errors.js';

/** How old the names may be, in ms: what all projects look for at a start is read together. */
const MAX_AGE = 1_000;

/** The names in a data folder. They are read at most once a second, because every project that is opened asks. */
export class FolderListing {
  #names: Promise<readonly string[]> | undefined;
  /** What crashes left of files that were being replaced, as of the first reading: this process removes its own. */
  #leftovers: readonly string[] | undefined;
  #readAt = 0;

  constructor(readonly folder: string) {}

  /** The names that begin like this, as they were up to a second ago. Rejects with `unavailable`. */
  async startingWith(prefix: string): Promise<readonly string[]> {
    const sorted = await this.#current();
    const from = firstFrom(sorted, prefix);
    const found = [];
    for (let i = from; sorted[i]?.startsWith(prefix); i++) found.push(sorted[i] as string);
    return found;
  }

  /** Removes what a crash left of replacements of files at these paths. */
  async removeLeftovers(paths: readonly string[]): Promise<void> {
    if (this.#leftovers === undefined) await this.#current();
    const leftovers = this.#leftovers ?? [];
    if (leftovers.length === 0) return;
    const bases = paths.filter((path) => dirname(path) === this.folder).map((path) => basename(path));
    for (const name of leftovers) {
      if (bases.some((base) => isLeftoverOf(base, name))) await rm(join(this.folder, name), { force: true });
    }
  }

  #current(): Promise<readonly string[]> {
    const now = performance.now();
    if (this.#names === undefined || now - this.#readAt >= MAX_AGE) {
      this.#readAt = now;
      this.#names = this.#read();
    }
    return this.#names;
  }

  async #read(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      throw diskError(error, `cannot look into ${this.folder}`);
    });
    this.#leftovers ??= names.filter((name) => LEFTOVER.test(name));
    return names.sort();
  }
}

/** The index of the first name that is not before `start`. */
function firstFrom(sorted: readonly string[], start: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
