/**
 * A map that forgets what has not been used for longest, roughly: two generations, of which the older is dropped whole when the
 * younger is full. Reading costs one lookup, where an exact order would cost a removal and an insertion each time.
 */
export class GenerationalCache<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** Holds at most `capacity` values. */
  constructor(readonly capacity: number) {}

  get(key: string): T | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.capacity / 2 && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
