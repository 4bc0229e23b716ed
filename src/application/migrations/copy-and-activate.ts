import type { Entry } from '../../domain/entry.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import type { EntryHash } from '../ports/digest.js';
import type { Batch, Store } from '../ports/store.js';
import { requireWhole } from '../stores/require-whole.js';
import { pagesOf } from '../stores/store-pages.js';
import type { SwappableStore } from '../stores/swappable-store.js';

/** What a commit of the copy has at most, but for a larger value, and how little may be left to copy while writers wait. */
const PAGE = { limit: 200, bytes: 4 * 1024 * 1024 };
const SWITCH_THRESHOLD = { keys: 100, bytes: 1024 * 1024 };
const NONE = { keys: 0, bytes: 0 };
/** How many entries of unknown size are read at a time. */
const RECHECK_BATCH = 10;

/** Writers wait at most about this long (ms); what would take longer is done in another round while they go on. */
const LONGEST_PAUSE = 80;
const MOST_ROUNDS = 500;

export interface CopyOptions {
  /** Told how many entries were copied so far. */
  onCopied?(entries: number): void;
  /** Looks for what others who share the source did to it. */
  poll?(): Promise<void>;
  /** Stops the move before the switch. */
  readonly signal?: AbortSignal;
}

export interface CopyResult {
  readonly entries: number;
  /** How long writers waited at most, in ms: for the switch, or to find that it was too early. */
  readonly pause: number;
}

/**
 * Copies a store that is in use into an empty one and puts that in its place. Keys that change meanwhile are noted when their
 * commit has ended and copied again. Before the target takes charge, the counts and the digests of both sides must agree.
 * Where anything fails, the source stays as it is and in charge.
 */
export async function copyAndActivate(
  source: SwappableStore,
  next: StagedStore,
  hash: EntryHash,
  steps: CopyOptions = {},
): Promise<CopyResult> {
  const copy = new StoreCopier(source, next.store, hash, steps);
  const unwatch = await source.addListener({ after: (batch) => copy.markDirty(batch) });
  let pause = 0;
  try {
    requireWhole(source);
    await copy.run();
    for (let round = 0; ; round++) {
      if (round === MOST_ROUNDS)
        throw new Error('the source is changed too fast, by this server or by others who share it');
      // Not while writers wait: it may take long.
      await steps.poll?.();
      await copy.catchUp(SWITCH_THRESHOLD);
      const began = performance.now();
      const moved = await source.quiesce(async () => {
        if (!copy.isWithin(SWITCH_THRESHOLD)) return false;
        await copy.catchUp(NONE);
        const difference = await copy.difference();
        if (!copy.isWithin(NONE)) return false;
        if (difference !== undefined) throw new Error(difference);
        if (performance.now() - began > LONGEST_PAUSE) return false;
        requireWhole(source);
        steps.onCopied?.(copy.entries);
        await next.activate();
        return true;
      });
      pause = Math.max(pause, performance.now() - began);
      if (moved) return { entries: copy.entries, pause };
    }
  } finally {
    unwatch();
  }
}

/** A copy in progress: what the target holds, and which keys it may hold wrongly. */
class StoreCopier {
  /** Keys, and about how many bytes their values have. */
  readonly #dirty = new Map<string, number>();
  #dirtyBytes = 0;
  /** Sums of the hashes of what was read from the source and of what the target gave back; equal sets give equal sums. */
  #read = 0n;
  #written = 0n;
  entries = 0;

  constructor(
    private readonly source: Store,
    private readonly target: Store,
    private readonly hash: EntryHash,
    private readonly steps: CopyOptions,
  ) {}

  markDirty({ put = [], remove = [] }: Batch): void {
    for (const { key, value } of put) this.#mark(key, value.length);
    for (const key of remove) this.#mark(key, 0);
  }

  /** Whether no more than that is left to copy, or a single value. */
  isWithin({ keys, bytes }: typeof SWITCH_THRESHOLD): boolean {
    return this.#dirty.size <= keys && (this.#dirtyBytes <= bytes || this.#dirty.size === 1);
  }

  async run(): Promise<void> {
    for await (const page of pagesOf(this.source, PAGE)) {
      // An entry that was written ahead of the copy is in the page and among the dirty keys.
      await this.#write(page, []);
      this.steps.onCopied?.(this.entries);
      this.steps.signal?.throwIfAborted();
    }
  }

  /** Copies noted keys again until no more than `few` are left. */
  async catchUp(few: typeof SWITCH_THRESHOLD): Promise<void> {
    while (!this.isWithin(few)) {
      this.steps.signal?.throwIfAborted();
      const put: Entry[] = [];
      const remove: string[] = [];
      for (let bytes = 0; this.#dirty.size > 0 && put.length + remove.length < PAGE.limit && bytes < PAGE.bytes; ) {
        const keys = [...this.#dirty.keys()].slice(0, RECHECK_BATCH);
        for (const key of keys) this.#mark(key, undefined);
        await this.#forget(keys);
        for (const [i, entry] of (await this.source.getMany(keys)).entries()) {
          if (entry === undefined) remove.push(keys[i] as string);
          else put.push(entry);
          bytes += entry?.value.length ?? 0;
        }
      }
      await this.#write(put, remove);
    }
  }

  /** What is wrong with the copy, unless the source was changed since; undefined where they are the same. */
  async difference(): Promise<string | undefined> {
    const [from, to] = [await this.source.size(), await this.target.size()];
    if (from.keys !== to.keys || from.bytes !== to.bytes || to.keys !== this.entries) {
      return `the copy holds ${to.keys} entries of ${to.bytes} bytes, the source ${from.keys} of ${from.bytes}`;
    }
    return this.#read === this.#written ? undefined : 'the copy differs from the source: their digests do not agree';
  }

  /** Notes a key with the size of its value, or takes it off the list. */
  #mark(key: string, bytes: number | undefined): void {
    this.#dirtyBytes += (bytes ?? 0) - (this.#dirty.get(key) ?? 0);
    if (bytes === undefined) this.#dirty.delete(key);
    else this.#dirty.set(key, bytes);
  }

  async #write(put: readonly Entry[], remove: readonly string[]): Promise<void> {
    if (put.length + remove.length === 0) return;
    await this.target.commit({ put, remove });
    for (const entry of put) this.#read += this.hash(entry);
    const back = await this.target.getMany(put.map(({ key }) => key));
    for (const entry of back) if (entry !== undefined) this.#written += this.hash(entry);
    this.entries += put.length;
  }

  /** Takes what the target holds of these keys out of the sums. */
  async #forget(keys: readonly string[]): Promise<void> {
    for (const entry of await this.target.getMany(keys)) {
      if (entry === undefined) continue;
      const hash = this.hash(entry);
      this.#read -= hash;
      this.#written -= hash;
      this.entries -= 1;
    }
  }
}
