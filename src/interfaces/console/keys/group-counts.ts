import { signal } from '@preact/signals';
import { countGroup, type GroupCount, type KeyQuery } from './key-source.js';

const AT_ONCE = 3;

/** How many keys the groups have that are on the screen, asked for as they come into sight. */
export class GroupCounts {
  readonly counts = signal<ReadonlyMap<string, GroupCount>>(new Map());
  readonly #asked = new Set<string>();
  #waiting: { readonly group: string; readonly query: KeyQuery }[] = [];
  #running = 0;

  /** Asks for the count of a group once. Those that came into sight last are first. */
  want(group: string, query: KeyQuery): void {
    if (this.#asked.has(group)) return;
    this.#asked.add(group);
    this.#waiting.push({ group, query });
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
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      try {
        const found = await countGroup(next.query, next.group);
        this.counts.value = new Map(this.counts.value).set(next.group, found);
      } catch {
        // A count is a help only; the group shows without it.
        for (const { group } of [next, ...this.#waiting]) this.#asked.delete(group);
        this.#waiting = [];
      }
    }
    this.#running -= 1;
  }
}
