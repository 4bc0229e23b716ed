import type { Change } from '../../../domain/change.js';
import { formatVersion, parseVersion } from '../../../domain/version.js';
import type { ChangeFeed, ChangeListener, PendingChanges } from './change-feed.js';
import { ChangeHistory } from './change-history.js';

/**
 * How many bytes of values may wait for an earlier write whose outcome is not known, and how many bytes a write counts
 * beside its values.
 */
const MAX_WAITING = 32 * 1024 * 1024;
const OVERHEAD = 200;

/** How long changes are kept after a reader last asked for some, in ms. Without readers none are kept. */
const RETENTION = 600_000;

/**
 * Publishes changes in the order of versions: a change waits until every write with a lower version has ended, whatever
 * its outcome. A reader that knows everything up to a position (a version) can ask for what came after it.
 */
export class ChangeLog implements ChangeFeed {
  readonly #epoch = Math.random().toString(36).slice(2, 10);
  readonly #listeners = new Set<ChangeListener>();
  readonly #history = new ChangeHistory();
  #pending: PendingChanges[] = [];
  #waiting = 0;
  #lastRead = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `onWatched` is called when the first of the listeners subscribes. */
  constructor(private readonly onWatched: () => void = () => undefined) {}

  start(): void {}

  begin(first: number, last = first): PendingChanges {
    const pending: PendingChanges = { first, last, changes: undefined };
    this.#pending.push(pending);
    return pending;
  }

  end(pending: PendingChanges, changes: readonly Change[]): void {
    pending.changes = changes;
    this.#publish(pending);
  }

  endWithGap(pending: PendingChanges, version: number): void {
    pending.changes = [];
    pending.gap = version;
    this.#publish(pending);
  }

  insert(change: Change): boolean {
    const { version } = change;
    if (version <= this.#history.last) return false;
    if (this.#pending.some(({ first, last }) => first <= version && version <= last)) return false;
    const next = this.#pending.findIndex(({ first }) => first > version);
    const pending = { first: version, last: version, changes: undefined };
    this.#pending.splice(next < 0 ? this.#pending.length : next, 0, pending);
    this.end(pending, [change]);
    return true;
  }

  get position(): number {
    this.#lastRead = performance.now();
    return this.#history.last;
  }

  /** A position as clients see it, good until the project is opened again. */
  tokenOf(position: number): string {
    return `${this.#epoch}-${formatVersion(position)}`;
  }

  /** Undefined also if another log made it. */
  positionOf(token: string): number | undefined {
    const [epoch, version = ''] = token.split('-', 2);
    const position = epoch === this.#epoch ? parseVersion(version) : undefined;
    return position !== undefined && this.#history.covers(position) ? position : undefined;
  }

  after(position: number, limit: number): readonly Change[] | undefined {
    this.#lastRead = performance.now();
    return this.#history.covers(position) ? this.#history.after(position, limit) : undefined;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: ChangeListener): () => void {
    const isFirst = !this.isWatched;
    if (this.#closed) listener.closed();
    else this.#listeners.add(listener);
    if (isFirst && this.isWatched) this.onWatched();
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    for (const listener of [...this.#listeners]) listener.closed();
    this.#listeners.clear();
  }

  #publish(ended: PendingChanges): void {
    if (this.#pending[0] !== ended) {
      this.#waiting += weightOf(ended);
      if (this.#waiting > MAX_WAITING) this.#dropWaiting();
      return;
    }
    let count = 0;
    for (; this.#pending[count]?.changes !== undefined; count++) {
      const next = this.#pending[count] as PendingChanges;
      if (next !== ended) this.#waiting -= weightOf(next);
      this.#deliver(next);
    }
    this.#pending.splice(0, count);
  }

  #deliver({ changes = [], gap }: PendingChanges): void {
    const last = gap ?? changes[changes.length - 1]?.version;
    if (last === undefined) return;
    const wanted = this.#listeners.size > 0 || performance.now() - this.#lastRead < RETENTION;
    if (wanted && gap === undefined) this.#history.add(changes);
    else this.#history.reset(last);
    for (const listener of this.#listeners) {
      if (gap === undefined) listener.changed(changes);
      else listener.overflowed();
    }
  }

  /** Too much waits for one write: each run of waiting writes becomes a gap in its place. */
  #dropWaiting(): void {
    const kept: PendingChanges[] = [];
    for (const pending of this.#pending) {
      if (pending.changes === undefined) kept.push(pending);
      else {
        const last = pending.gap ?? pending.changes[pending.changes.length - 1]?.version;
        const before = kept[kept.length - 1];
        if (last === undefined) continue;
        if (before?.gap !== undefined) kept[kept.length - 1] = { ...before, last, gap: last };
        else kept.push({ first: pending.first, last, changes: [], gap: last });
      }
    }
    this.#pending = kept;
    this.#waiting = kept.reduce((sum, pending) => sum + (pending.changes === undefined ? 0 : weightOf(pending)), 0);
  }
}

function weightOf({ changes = [] }: PendingChanges): number {
  return changes.reduce((sum, { sizeBytes }) => sum + OVERHEAD + sizeBytes, OVERHEAD);
}
