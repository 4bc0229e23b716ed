import { signal } from '@preact/signals';
import type { Change } from './feed-event.js';

/** A line of the history: a change, or what happened to the connection. */
export type HistoryEntry = {
  /** Counts up from 1. */
  readonly number: number;
  /** When it arrived, in ms since 1970. */
  readonly at: number;
} & ({ readonly kind: 'change'; readonly change: Change } | { readonly kind: 'note'; readonly text: string });

export const MOST_ENTRIES = 1000;
/** How many seconds the counts go back. */
export const COUNTED_SECONDS = 60;
/** How often what is shown may change, in ms. */
const INTERVAL = 200;

/** The last changes of a project, oldest first, and how many there were in each of the last seconds. */
export class FeedHistory {
  /** Renewed after changes, at most five times a second. */
  readonly revision = signal(0);
  #entries: HistoryEntry[] = [];
  #received = 0;
  readonly #perSecond = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** How many entries there were so far, those that are no longer kept included. */
  get received(): number {
    return this.#received;
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  add(change: Change, at = Date.now()): void {
    const second = Math.floor(at / 1000);
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1);
    if (this.#perSecond.size > 2 * COUNTED_SECONDS) {
      for (const old of this.#perSecond.keys()) if (old <= second - COUNTED_SECONDS) this.#perSecond.delete(old);
    }
    this.#push({ number: ++this.#received, at, kind: 'change', change });
  }

  note(text: string, at = Date.now()): void {
    this.#push({ number: ++this.#received, at, kind: 'note', text });
  }

  /** Changes in each of the last seconds, the current one last. */
  counts(now = Date.now()): number[] {
    const last = Math.floor(now / 1000);
    return Array.from({ length: COUNTED_SECONDS }, (_, i) => this.#perSecond.get(last - COUNTED_SECONDS + 1 + i) ?? 0);
  }

  clear(): void {
    this.#entries = [];
    this.#renew();
  }

  #push(entry: HistoryEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > 2 * MOST_ENTRIES) this.#entries = this.#entries.slice(-MOST_ENTRIES);
    this.#timer ??= setTimeout(() => this.#renew(), INTERVAL);
  }

  #renew(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries = this.#entries.slice(-MOST_ENTRIES);
    this.revision.value += 1;
  }
}
