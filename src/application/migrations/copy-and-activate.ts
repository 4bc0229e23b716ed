import type { Entry } from '../../domain/entry.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import type { EntryHash } from '../ports/digest.js';
import type { Batch, Store } from '../ports/store.js';
import { inParts } from '../stores/in-parts.js';
import { requireReadable, requireWhole } from '../stores/require-whole.js';
import { pagesOf } from '../stores/store-pages.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import { ChangedElsewhere } from './changed-elsewhere.js';

/** What a commit of the copy has at most, except for a single larger value. */
const PAGE = { limit: 200, bytes: 4 * 1024 * 1024 };
/** How much may be left to copy while writers wait. */
const SWITCH_THRESHOLD = { keys: 100, bytes: 1024 * 1024 };
const NONE = { keys: 0, bytes: 0 };
/** How many entries of unknown size are read at a time. */
const RECHECK_BATCH = 10;

/**
 * Writers wait at most about this long (ms); work that would take longer is done in another round while they continue.
 */
const MAX_PAUSE = 80;
const MAX_ROUNDS = 500;
/** How often what other servers changed is looked for, before the switch, until little is left. */
const MAX_LOOKS = 5;

export interface CopyOptions {
  /** Called with the number of entries copied so far. */
  onCopied?(entries: number): void;
  /** Looks for changes of other programs that share the source. */
  poll?(): Promise<void>;
  /** Stops the copy before the switch. */
  readonly signal?: AbortSignal;
}

export interface CopyResult {
  readonly entries: number;
  /** The longest time that writers waited, in ms: for the switch, or for a check that found it too early. */
  readonly pause: number;
}

/**
 * Copies a store that is in use into an empty one and activates that. Keys that change meanwhile are marked when their
 * commit has ended, and copied again. Before the target is activated, the counts and the digests of both sides must
 * agree. If anything fails, the source stays current and unchanged.
 */
export async function copyAndActivate(
  source: SwappableStore,
  next: StagedStore,
  hash: EntryHash,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const copy = new StoreCopier(source, next.store, hash, options);
  const removeListener = await source.addListener({ after: (batch) => copy.markDirty(batch) });
  let pause = 0;
  try {
    await requireWhole(source);
    await copy.run();
    const { fence } = next;
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS)
        throw new Error('the source is changed too fast, by this server or by others who share it');
      // Outside `quiesce`, because it may take long.
      await options.poll?.();
      if (fence !== undefined) await copy.followOthers();
      await copy.catchUp(SWITCH_THRESHOLD);
      const began = performance.now();
      const switched = await source.quiesce(async () => {
        if (!copy.isWithin(SWITCH_THRESHOLD)) return false;
        if (fence !== undefined) {
          // From now on there is no way back but to discard the copy, which lets other servers commit again.
          await fence();
          await copy.markChangedElsewhere();
        }
        await copy.catchUp(NONE);
        const difference = await copy.difference();
        if (!copy.isWithin(NONE)) return false;
        if (difference !== undefined) throw new Error(difference);
        if (fence === undefined && performance.now() - began > MAX_PAUSE) return false;
        requireReadable(source);
        options.onCopied?.(copy.entries);
        await next.activate();
        return true;
      });
      pause = Math.max(pause, performance.now() - began);
      if (switched) return { entries: copy.entries, pause };
    }
  } finally {
    removeListener();
  }
}

/** A copy in progress, with the keys that changed since they were copied. */
class StoreCopier {
  /** Changed keys, each with the approximate bytes of its value. */
  readonly #dirty = new Map<string, number>();
  #dirtyBytes = 0;
  /** Sums of the hashes of the entries read from the source and of those read back; equal sets give equal sums. */
  #read = 0n;
  #written = 0n;
  readonly #elsewhere: ChangedElsewhere;
  entries = 0;

  constructor(
    private readonly source: Store,
    private readonly target: Store,
    private readonly hash: EntryHash,
    private readonly options: CopyOptions,
  ) {
    this.#elsewhere = new ChangedElsewhere(source, target);
  }

  markDirty({ put = [], remove = [] }: Batch): void {
    for (const { key, value } of put) this.#mark(key, value.length);
    for (const key of remove) this.#mark(key, 0);
  }

  /** Whether no more than the threshold, or a single value, is left to copy. */
  isWithin({ keys, bytes }: typeof SWITCH_THRESHOLD): boolean {
    return this.#dirty.size <= keys && (this.#dirtyBytes <= bytes || this.#dirty.size === 1);
  }

  async run(): Promise<void> {
    for await (const page of pagesOf(this.source, PAGE)) {
      // An entry that was written ahead of the copy is in the page and among the dirty keys.
      await this.#write(page, []);
      this.options.onCopied?.(this.entries);
      this.options.signal?.throwIfAborted();
    }
  }

  /** Marks the keys that other servers may have changed. */
  async markChangedElsewhere(): Promise<void> {
    for await (const { key, sizeBytes } of this.#elsewhere.keys()) this.#mark(key, sizeBytes);
  }

  /** Copies what other servers changed, until that is little: the time in which it is copied brings more. */
  async followOthers(): Promise<void> {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      await this.markChangedElsewhere();
      if (looks > 0 && this.isWithin(SWITCH_THRESHOLD)) return;
      await this.catchUp(SWITCH_THRESHOLD);
    }
  }

  /** Copies marked keys again until no more than the threshold are left. */
  async catchUp(threshold: typeof SWITCH_THRESHOLD): Promise<void> {
    while (!this.isWithin(threshold)) {
      this.options.signal?.throwIfAborted();
      const put: Entry[] = [];
      const remove: string[] = [];
      // A key that changes again while the commit is put together waits for the next one, which may not name it twice.
      const named = new Set<string>();
      for (let bytes = 0; named.size < PAGE.limit && bytes < PAGE.bytes; ) {
        const keys = this.#nextDirty(named);
        if (keys.length === 0) break;
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

  /** How the copy differs from the source, unless that was changed since; undefined if they are the same. */
  async difference(): Promise<string | undefined> {
    const [from, to] = [await this.source.size(), await this.target.size()];
    if (from.keys !== to.keys || from.bytes !== to.bytes || to.keys !== this.entries) {
      return `the copy holds ${to.keys} entries of ${to.bytes} bytes, the source ${from.keys} of ${from.bytes}`;
    }
    return this.#read === this.#written ? undefined : 'the copy differs from the source: their digests do not agree';
  }

  /** Some marked keys that are not named yet; from now on they are. */
  #nextDirty(named: Set<string>): string[] {
    const keys: string[] = [];
    for (const key of this.#dirty.keys()) {
      if (keys.length === RECHECK_BATCH) break;
      if (named.has(key)) continue;
      named.add(key);
      keys.push(key);
    }
    return keys;
  }

  /** Marks a key with the size of its value; unmarks it if `bytes` is undefined. */
  #mark(key: string, bytes: number | undefined): void {
    this.#dirtyBytes += (bytes ?? 0) - (this.#dirty.get(key) ?? 0);
    if (bytes === undefined) this.#dirty.delete(key);
    else this.#dirty.set(key, bytes);
  }

  async #write(put: readonly Entry[], remove: readonly string[]): Promise<void> {
    if (put.length + remove.length === 0) return;
    await inParts<Entry | string, boolean>([...put, ...remove], (part) =>
      this.target.commit({
        put: part.filter((change) => typeof change !== 'string'),
        remove: part.filter((change) => typeof change === 'string'),
      }),
    );
    for (const entry of put) this.#read += this.hash(entry);
    const back = await this.target.getMany(put.map(({ key }) => key));
    for (const entry of back) if (entry !== undefined) this.#written += this.hash(entry);
    this.entries += put.length;
  }

  /** Subtracts the target's entries of these keys from the sums. */
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
