import { type Change, positionOf } from '../../../domain/change.js';

/**
 * The least number of changes that are kept, once so many have happened. Up to twice as many are in memory, without
 * values.
 */
export const KEPT = 10_000;

/** The latest changes. A position in it is that of the last change that a reader knows. */
export class ChangeHistory {
  #changes: Change[] = [];
  #from = 0;
  #last = 0;

  /** Changes up to this position are not known any more. */
  get from(): number {
    return this.#from;
  }

  /** The position of the last change. */
  get last(): number {
    return this.#last;
  }

  add(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#changes.push(withoutEntry(change));
      this.#last = positionOf(change);
    }
    if (this.#changes.length > 2 * KEPT) {
      const gone = this.#changes.splice(0, this.#changes.length - KEPT);
      this.#from = positionOf(gone[gone.length - 1] as Change);
    }
  }

  /** Adds changes before the others. What came before them is not known. */
  prepend(changes: readonly Change[]): void {
    this.#changes = [...changes.map(withoutEntry), ...this.#changes];
    this.#from -= changes.length;
  }

  /**
   * Forgets everything: readers that are not at this position, which must be after `last`, have missed something.
   */
  reset(position: number): void {
    if (this.#changes.length > 0) this.#changes = [];
    this.#from = position;
    this.#last = position;
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
      if (positionOf(this.#changes[middle] as Change) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low, low + limit);
  }
}

function withoutEntry({ event, key, version, sizeBytes, position }: Change): Change {
  return { event, key, version, sizeBytes, ...(position === undefined ? {} : { position }) };
}
