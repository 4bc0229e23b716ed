import type { Change } from '../../../domain/change.js';

/**
 * The least number of changes that are kept, once so many have happened. Up to twice as many are in memory, without
 * values.
 */
const KEPT = 10_000;

/** The latest changes. A position in it is the version of the last change that a reader knows. */
export class ChangeHistory {
  #changes: Change[] = [];
  #from = 0;
  #last = 0;

  /** The version of the last change. */
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

  /**
   * Forgets everything: readers that know less than `version`, which must be more than `last`, have missed something.
   */
  reset(version: number): void {
    if (this.#changes.length > 0) this.#changes = [];
    this.#from = version;
    this.#last = version;
  }

  /** Whether all changes after the position are known. */
  covers(position: number): boolean {
    return position >= this.#from && position <= this.#last;
  }

  /** The first changes after a position that is covered. */
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
