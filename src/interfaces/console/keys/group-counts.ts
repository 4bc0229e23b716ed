import { signal } from '@preact/signals';
import { countKeys } from './key-source.js';

const AT_ONCE = 3;

/** How many keys the groups have that are on the screen, asked for as they come into sight. */
export class GroupCounts {
  readonly counts = signal<ReadonlyMap<string, number>>(new Map());
  readonly #asked = new Set<string>();
  #waiting: string[] = [];
  #running = 0;

  constructor(private readonly project: string) {}

  /** Asks for the count of a group once. Those that came into sight last are first. */
  want(prefix: string): void {
    if (this.#asked.has(prefix)) return;
    this.#asked.add(prefix);
    this.#waiting.push(prefix);
    void this.#run();
  }

  /** Forgets the counts of all groups with a key. */
  forget(key: string): void {
    for (const prefix of this.#asked) if (key.startsWith(prefix)) this.#asked.delete(prefix);
    this.counts.value = new Map([...this.counts.value].filter(([prefix]) => !key.startsWith(prefix)));
  }

  async #run(): Promise<void> {
    if (this.#running >= AT_ONCE) return;
    this.#running += 1;
    for (let prefix = this.#waiting.pop(); prefix !== undefined; prefix = this.#waiting.pop()) {
      try {
        const count = await countKeys(this.project, prefix);
        this.counts.value = new Map(this.counts.value).set(prefix, count);
      } catch {
        // A count is a help only; the group shows without it.
        this.#asked.delete(prefix);
        this.#waiting = [];
      }
    }
    this.#running -= 1;
  }
}
