interface Mark {
  readonly ordinal: number;
  readonly position: string;
}

/** A token of no position. */
const UNKNOWN = '0';

/**
 * Where the positions of a store's commit log are among changes that are counted one by one. A token is a position of
 * the store, and how many of the changes after it are known, too.
 */
export class CommitMarks {
  #marks: Mark[] = [];

  get first(): string | undefined {
    return this.#marks[0]?.position;
  }

  /** Everything up to here is known. */
  get last(): string | undefined {
    return this.#marks.at(-1)?.position;
  }

  reset(marks: readonly Mark[] = []): void {
    this.#marks = [...marks];
  }

  /** Up to `position`, all changes up to `ordinal`. Of several positions, the first one and the newest are kept. */
  add(ordinal: number, position: string): void {
    if (this.#marks.at(-2)?.ordinal === ordinal) this.#marks.pop();
    this.#marks.push({ ordinal, position });
  }

  /** Puts marks before the others. */
  prepend(marks: readonly Mark[]): void {
    this.#marks = [...marks, ...this.#marks];
  }

  /** Forgets what is not needed for changes after that one. */
  dropBefore(ordinal: number): void {
    const kept = this.#after((mark) => mark.ordinal <= ordinal);
    if (kept > 1000) this.#marks.splice(0, kept - 1);
  }

  /** One that is not known if changes are missing between that one and the first mark. */
  tokenOf(ordinal: number): string {
    const mark = this.#marks[this.#after((it) => it.ordinal <= ordinal) - 1];
    if (mark === undefined) return UNKNOWN;
    return ordinal > mark.ordinal ? `${mark.position}-${ordinal - mark.ordinal}` : mark.position;
  }

  /** The change up to which all are known by a reader at that position; undefined if it is before the first one. */
  ordinalOf(position: string): number | undefined {
    return this.#marks[this.#after((it) => it.position <= position) - 1]?.ordinal;
  }

  has(position: string): boolean {
    return this.#marks[this.#after((it) => it.position <= position) - 1]?.position === position;
  }

  /** How many marks, from the first on, meet a condition that no later one meets. */
  #after(condition: (mark: Mark) => boolean): number {
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (condition(this.#marks[middle] as Mark)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The parts of a token, or undefined if it is not one. */
export function parseToken(token: string): { readonly position: string; readonly known: number } | undefined {
  const [, position, known = '0'] = /^([0-9a-f]+)(?:-(\d{1,9}))?$/.exec(token) ?? [];
  return position === undefined ? undefined : { position, known: Number(known) };
}
