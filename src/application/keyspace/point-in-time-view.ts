import { type Entry, isLive } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { compareKeys } from '../../domain/key.js';
import type { Batch, Store } from '../ports/store.js';
import { requireWhole } from '../stores/require-whole.js';
import { isLast } from '../stores/store-pages.js';
import { BeforeImages } from './before-images.js';
import type { Keyspace } from './keyspace.js';

/** What a page holds at most, but for a larger value. */
const PAGE = { limit: 500, bytes: 1024 * 1024 };
/** Most bytes of changed entries that one view keeps; beyond it the view ends, for writers are never made to wait for it. */
const MOST_KEPT = 256 * 1024 * 1024;

export interface ViewRange {
  readonly prefix?: string | undefined;
  /** Only keys behind this one. */
  readonly after?: string | undefined;
}

/**
 * The live entries of a project as of one moment, read page by page while writes go on: the earlier image of every entry that is
 * changed ahead of the reader is kept until the reader has passed. So memory holds a page and what was changed meanwhile, 256 MiB
 * at most. It goes on reading what it began with, also when other content takes its place.
 */
export class PointInTimeView {
  readonly #images = new BeforeImages();
  readonly #store: Store;
  readonly #prefix: string;
  #passed: string | undefined;
  #ended = false;
  #broken: unknown;

  private constructor(
    /** Its moment, in ms since 1970. */
    readonly at: number,
    private readonly held: ReturnType<Keyspace['swappable']['pin']>,
    { prefix = '', after }: ViewRange,
  ) {
    this.#store = held.store;
    this.#prefix = prefix;
    this.#passed = after;
  }

  /** Begins at a moment in which no commit is under way; `unavailable` where some entries cannot be read. Read its pages to the end, or return early from them. */
  static async take(keyspace: Keyspace, range: ViewRange = {}): Promise<PointInTimeView> {
    const { swappable, clock } = keyspace;
    return swappable.quiesce(async () => {
      requireWhole(swappable);
      const hold = swappable.pin();
      const view = new PointInTimeView(clock.now(), hold, range);
      const unwatch = swappable.addListenerQuiesced({ before: (batch) => view.#keep(batch) });
      view.#release = () => {
        unwatch();
        hold.release();
      };
      return view;
    });
  }

  #release: () => void = () => undefined;

  /** Lets go of the store; what remains cannot be read any more. */
  close(): void {
    this.#ended = true;
    this.#release();
  }

  /** In key order. Once only. Rejects with `unavailable` where too much was changed or the store was closed meanwhile. */
  async *pages(): AsyncGenerator<readonly Entry[]> {
    try {
      while (!this.#ended) {
        if (this.#broken !== undefined) throw this.#broken;
        const after = this.#passed === undefined ? {} : { after: this.#passed };
        const page = await this.#store.scan({ prefix: this.#prefix, ...PAGE, ...after });
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

  /** Before a commit: what it is about to change, as it is now. */
  #keep({ put = [], remove = [] }: Batch): Promise<void> | undefined {
    if (this.#ended || this.#broken !== undefined || !this.held.isCurrent()) return undefined;
    const keys = [...put.map(({ key }) => key), ...remove].filter(
      (key) => this.#isAhead(key) && !this.#images.has(key),
    );
    return keys.length === 0 ? undefined : this.#keepImages(keys);
  }

  async #keepImages(keys: readonly string[]): Promise<void> {
    try {
      const images = await this.#store.getMany(keys);
      for (const [i, key] of keys.entries()) if (this.#isAhead(key)) this.#images.add(key, images[i]);
      if (this.#images.bytes > MOST_KEPT)
        throw new AppError('unavailable', 'Too much was changed while the copy was read');
    } catch (error) {
      // A copy that fails must not hinder the writer.
      this.#broken = error;
      this.#images.takeUpTo(undefined);
    }
  }

  #isAhead(key: string): boolean {
    if (this.#ended || !key.startsWith(this.#prefix)) return false;
    return this.#passed === undefined || compareKeys(key, this.#passed) > 0;
  }
}
