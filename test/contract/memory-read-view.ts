import type { ReadView, Store } from '../../src/application/ports/store.js';
import type { Entry } from '../../src/domain/entry.js';
import { AppError } from '../../src/domain/errors.js';
import { afterKey, boundsOf, compareKeys, type KeyBounds } from '../../src/domain/key.js';

/** What a view does that breaks its contract. */
export type ViewMistake =
  | 'reads each page as it is then'
  | 'drops what was removed since'
  | 'goes on after it was closed'
  | 'ignores bounds';

const PAGE = 500;

/** A view of a store in memory, which several nodes share. */
export class MemoryReadView implements ReadView {
  readonly #all: readonly Entry[];
  #closed = false;

  constructor(
    private readonly node: { requireOpen(): void },
    private readonly store: Store,
    private readonly mistake?: ViewMistake,
  ) {
    this.#all = this.#now({});
  }

  async *pages(bounds: KeyBounds): AsyncGenerator<readonly Entry[]> {
    const { low, high } = boundsOf(this.mistake === 'ignores bounds' ? {} : bounds);
    const isWithin = ({ key }: Entry) =>
      compareKeys(key, low) >= 0 && (high === undefined || compareKeys(key, high) < 0);
    const entries = this.#all.filter(isWithin);
    for (let from = 0; from < entries.length; from += PAGE) {
      this.node.requireOpen();
      if (this.#closed && this.mistake !== 'goes on after it was closed') throw new AppError('unavailable', 'closed');
      yield await this.#page(entries.slice(from, from + PAGE));
    }
    this.node.requireOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #page(page: readonly Entry[]): Promise<readonly Entry[]> {
    await new Promise((resolve) => setImmediate(resolve));
    const [first, last] = [page[0]?.key, page.at(-1)?.key];
    const now = this.#now(last === undefined ? {} : { start: first, end: afterKey(last) });
    switch (this.mistake) {
      case 'reads each page as it is then':
        return now;
      case 'drops what was removed since':
        return page.filter(({ key }) => now.some((it) => it.key === key));
      default:
        return page;
    }
  }

  #now(bounds: KeyBounds): readonly Entry[] {
    return this.store.scan({ ...bounds, limit: Number.POSITIVE_INFINITY }) as readonly Entry[];
  }
}
