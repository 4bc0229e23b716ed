import type { Change } from '../../domain/change.js';

/** How many changes are kept at least once that many have happened; up to twice as many are in memory, without values. */
const KEPT = 10_000;

/** The latest changes. A position in it is the version of the last change that somebody knows. */
export class ChangeHistory {
  #changes: Change[] = [];
  #from = 0;
  #last = 0;

  /** Of the last change. */
  get last(): number {
    return this.#last;
  }

  add(changes: readonly Change[]): void {
    for (const { event, key, version, sizeBytes } of changes) {
      this.#changes.push({ event, key, version, sizeBytes });
      this.#last = version;
    }
    if (this.#changes.length > 2 * KEPT) {
      const gone = this.#changes.splice(0, this.#changes.length - KEPT);
      this.#from = gone[gone.length - 1]?.version as number;
    }
  }

  /** Forgets everything: whoever knows less than `version`, which must be more than `last`, has missed something. */
  reset(version: number): void {
    if (this.#changes.length > 0) this.#changes = [];
    this.#from = version;
    this.#last = version;
  }

  /** Whether nothing behind the position is forgotten. */
  covers(position: number): boolean {
    return position >= this.#from && position <= this.#last;
  }

  /** The first changes behind a position that it reaches. */
  after(position: number, limit: number): readonly Change[] {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Change).version <= position) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low, low + limit);
  }
}
