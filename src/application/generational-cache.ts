/** How a cache counts what it holds. */
export interface CacheWeights<T> {
  /** How much of the capacity a value takes, always the same for the same value; 1 by default. */
  weigh?(value: T, key: string): number;
  /** Values that weigh more are not kept: each would drive out many others. No limit by default. */
  readonly heaviest?: number;
}

/**
 * A map that forgets what has not been used for longest, roughly: two generations, of which the older is dropped whole
 * when the younger is full. Reading costs one lookup, while an exact order would cost a removal and an insertion each
 * time.
 */
export class GenerationalCache<T> {
  readonly #weigh: (value: T, key: string) => number;
  readonly #heaviest: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  #youngWeight = 0;

  /** All values together weigh at most `capacity`. */
  constructor(
    readonly capacity: number,
    { weigh = () => 1, heaviest = Number.POSITIVE_INFINITY }: CacheWeights<T> = {},
  ) {
    this.#weigh = weigh;
    this.#heaviest = heaviest;
  }

  get(key: string): T | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  /** Replaces what was there, also if the value is too heavy to be kept. */
  set(key: string, value: T): void {
    const weight = this.#weigh(value, key);
    if (weight > this.#heaviest) {
      this.delete(key);
      return;
    }
    this.#deleteYoung(key);
    if (this.#youngWeight + weight > this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#youngWeight += weight;
    this.#young.set(key, value);
  }

  /** Returns whether the key was present. */
  delete(key: string): boolean {
    const wasYoung = this.#deleteYoung(key);
    return this.#old.delete(key) || wasYoung;
  }

  #deleteYoung(key: string): boolean {
    const value = this.#young.get(key);
    if (value === undefined) return false;
    this.#youngWeight -= this.#weigh(value, key);
    return this.#young.delete(key);
  }
}
