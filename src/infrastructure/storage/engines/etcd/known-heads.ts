import { GenerationalCache } from '../../../../application/generational-cache.js';
import type { StoredHead } from './entry-rows.js';

/** How many are remembered. */
const CAPACITY = 20_000;

/**
 * What was last seen of some keys, so that a commit need not look them up. It may be old: a commit compares the
 * revisions, and is refused then.
 */
export class KnownHeads {
  readonly #known = new GenerationalCache<{ readonly head: StoredHead; readonly revision: number }>(CAPACITY);

  get(key: string): StoredHead | undefined {
    return this.#known.get(key)?.head;
  }

  /** As of a revision: what was seen later is kept. */
  remember(key: string, head: StoredHead, revision: number): void {
    const known = this.#known.get(key);
    if (known === undefined || known.revision <= revision) this.#known.set(key, { head, revision });
  }
}
