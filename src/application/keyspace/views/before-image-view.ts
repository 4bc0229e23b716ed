import { type Entry, isLive } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { afterKey, compareKeys } from '../../../domain/key.js';
import type { Batch, Store } from '../../ports/store.js';
import { requireWhole } from '../../stores/require-whole.js';
import { isLast } from '../../stores/store-pages.js';
import type { Keyspace } from '../keyspace.js';
import { BeforeImages } from './before-images.js';
import type { PointInTimeView, ViewRange } from './point-in-time-view.js';

/** What a page holds at most, except for a single larger value. */
const PAGE = { limit: 500, bytes: 1024 * 1024 };
/** The most bytes of changed entries that a view keeps. Beyond it the view fails, because writers never wait for it. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/**
 * A view of a store that only this process writes to. The before image of every entry that is changed ahead of the
 * reader is kept until the reader has passed it: memory holds one page and what was changed meanwhile, 256 MiB at most.
 * The view keeps reading the store that it began with, even if that is swapped.
 */
export class BeforeImageView implements PointInTimeView {
  readonly #images = new BeforeImages();
  readonly #store: Store;
  readonly #prefix: string;
  #passed: string | undefined;
  #ended = false;
  #broken: unknown;

  private constructor(
    readonly at: number,
    private readonly pinned: ReturnType<Keyspace['swappable']['pin']>,
    { prefix = '', after }: ViewRange,
  ) {
    this.#store = pinned.store;
    this.#prefix = prefix;
    this.#passed = after;
  }

  /**
   * Begins at a moment in which no commit runs. Rejects with `unavailable` if some entries cannot be read.
   */
  static async take(keyspace: Keyspace, range: ViewRange): Promise<BeforeImageView> {
    const { swappable, clock } = keyspace;
    return swappable.quiesce(async () => {
      await requireWhole(swappable);
      const pinned = swappable.pin();
      const view = new BeforeImageView(clock.now(), pinned, range);
      const removeListener = swappable.addListenerQuiesced({ before: (batch) => view.#keep(batch) });
      view.#release = () => {
        removeListener();
        pinned.release();
      };
      return view;
    });
  }

  #release: () => void = () => undefined;

  close(): void {
    this.#ended = true;
    this.#release();
  }

  async *pages(): AsyncGenerator<readonly Entry[]> {
    try {
      while (!this.#ended) {
        if (this.#broken !== undefined) throw this.#broken;
        const start = this.#passed === undefined ? undefined : afterKey(this.#passed);
        const page = await this.#store.scan({ prefix: this.#prefix, start, ...PAGE });
        const last = isLast(page, PAGE) ? undefined : page[page.length - 1]?.key;
        const entries = this.#asOf(page, this.#images.takeUpTo(last));
        if (this.#broken !== undefined) throw this.#broken;
        this.#passed = last;
        this.#ended = last === undefined;
        if (entries.length > 0) yield entries;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.close();
    }
  }

  #asOf(page: readonly Entry[], earlier: ReadonlyMap<string, Entry | undefined>): readonly Entry[] {
    const unchanged = earlier.size === 0 ? page : page.filter(({ key }) => !earlier.has(key));
    const live = [...unchanged, ...earlier.values()].filter((entry) => entry !== undefined && isLive(entry, this.at));
    const entries = live as Entry[];
    return earlier.size === 0 ? entries : entries.sort((a, b) => compareKeys(a.key, b.key));
  }

  /** Keeps the images of what a commit is about to change. */
  #keep({ put = [], remove = [] }: Batch): Promise<void> | undefined {
    if (this.#ended || this.#broken !== undefined || !this.pinned.isCurrent()) return undefined;
    const keys = [...put.map(({ key }) => key), ...remove].filter(
      (key) => this.#isAhead(key) && !this.#images.has(key),
    );
    return keys.length === 0 ? undefined : this.#keepImages(keys);
  }

  async #keepImages(keys: readonly string[]): Promise<void> {
    try {
      const images = await this.#store.getMany(keys);
      for (const [i, key] of keys.entries()) if (this.#isAhead(key)) this.#images.add(key, images[i]);
      if (this.#images.bytes > MAX_KEPT_BYTES)
        throw new AppError('unavailable', 'Too much was changed while the copy was read');
    } catch (error) {
      // A failing view must not fail the writer.
      this.#broken = error;
      this.#images.takeUpTo(undefined);
    }
  }

  #isAhead(key: string): boolean {
    if (this.#ended || !key.startsWith(this.#prefix)) return false;
    return this.#passed === undefined || compareKeys(key, this.#passed) > 0;
  }
}
