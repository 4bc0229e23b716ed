import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLeftoverOf, LEFTOVER } from '../../../files/durable-file.js';
import { diskError } from '../../../files/storage-errors.js';

/** How old the names may be, in ms: what all projects look for at a start is read together. */
const MAX_AGE = 1_000;

interface Name {
  readonly name: string;
  /** In small letters. */
  readonly folded: string;
}

/** The names in a data folder. They are read at most once a second, because every project that is opened asks. */
export class FolderListing {
  #names: Promise<readonly Name[]> | undefined;
  /** What crashes left of files that were being replaced, as of the first reading: this process removes its own. */
  #leftovers: readonly string[] | undefined;
  #readAt = 0;

  constructor(readonly folder: string) {}

  /** The names that begin like this in either case, as they were up to a second ago. Rejects with `unavailable`. */
  async startingWith(prefix: string): Promise<readonly string[]> {
    const folded = prefix.toLowerCase();
    const sorted = await this.#current();
    const found = [];
    for (let i = firstFrom(sorted, folded); sorted[i]?.folded.startsWith(folded); i++)
      found.push((sorted[i] as Name).name);
    return found;
  }

  /** The names are read again when they are asked for. */
  forget(): void {
    this.#names = undefined;
  }

  /** Removes what a crash left of replacements of files at these paths. */
  async removeLeftovers(paths: readonly string[]): Promise<void> {
    if (this.#leftovers === undefined) await this.#current();
    const leftovers = this.#leftovers ?? [];
    if (leftovers.length === 0) return;
    const own = paths.filter((path) => dirname(path) === this.folder);
    for (const name of leftovers) {
      if (own.some((path) => isLeftoverOf(path, name))) await rm(join(this.folder, name), { force: true });
    }
  }

  #current(): Promise<readonly Name[]> {
    const now = performance.now();
    if (this.#names === undefined || now - this.#readAt >= MAX_AGE) {
      this.#readAt = now;
      this.#names = this.#read();
    }
    return this.#names;
  }

  async #read(): Promise<readonly Name[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      throw diskError(error, `cannot look into ${this.folder}`);
    });
    this.#leftovers ??= names.filter((name) => LEFTOVER.test(name));
    return names.map((name) => ({ name, folded: name.toLowerCase() })).sort((a, b) => (a.folded < b.folded ? -1 : 1));
  }
}

/** The index of the first name that is not before `start`. */
function firstFrom(sorted: readonly Name[], start: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Name).folded < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
