import type { ChangeFeed } from '../../../application/keyspace/change-log/change-feed.js';
import { readChanges } from '../../../application/keyspace/change-log/read-changes.js';
import { type Change, positionOf } from '../../../domain/change.js';
import type { KeyFilter } from '../../../domain/key.js';
import type { ValueView } from '../../../domain/value.js';
import { changeEvent } from './change-json.js';

/** How many changes are read from the log at a time. */
export const PAGE = 500;
/** How many bytes of pages are kept, with their names. */
const MAX_KEPT = 4 * 1024 * 1024;

/** Events without values that follow a position of the log, as one chunk. */
export interface EventPage {
  /** Empty if none of the changes passes the filter. */
  readonly chunk: Buffer;
  /** A reader that has the chunk has all changes up to here. */
  readonly position: number;
}

interface KeptPage extends EventPage {
  /** Up to where the log was read; undefined if the page has as many changes as a page can. */
  readonly end: number | undefined;
}

/**
 * Pages of events from the log. Streams that fell behind together go on from the same positions: a page is made once
 * for all of them.
 */
export class EventPages {
  readonly #log: ChangeFeed;
  readonly #kept = new Map<string, KeptPage>();
  #bytes = 0;

  constructor(log: ChangeFeed) {
    this.#log = log;
  }

  /**
   * What follows a position, not after `end`; undefined if that is not known any more. `channel` names the filter.
   */
  after(channel: string, filter: KeyFilter, position: number, end: number): EventPage | undefined {
    const name = `${position} ${channel}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined && (kept.end === undefined || kept.end === end)) return kept;
    const read = readChanges(this.#log, filter, position, PAGE, end);
    if (read === undefined) return undefined;
    const page = {
      chunk: Buffer.from(eventsOf(this.#log, read.changes, undefined)),
      position: read.position,
      end: read.changes.length < PAGE ? end : undefined,
    };
    this.#keep(name, page);
    return page;
  }

  /** Forgets all pages: positions may name other changes from now on. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #keep(name: string, page: KeptPage): void {
    this.#drop(name);
    this.#kept.set(name, page);
    this.#bytes += weightOf(name, page);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MAX_KEPT) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const page = this.#kept.get(name);
    if (page === undefined) return;
    this.#bytes -= weightOf(name, page);
    this.#kept.delete(name);
  }
}

function weightOf(name: string, { chunk }: EventPage): number {
  return chunk.length + 2 * name.length;
}

/** The text of events. */
export function eventsOf(log: ChangeFeed, changes: readonly Change[], view: ValueView | undefined): string {
  let text = '';
  for (const change of changes) text += changeEvent(change, view, log.tokenOf(positionOf(change)));
  return text;
}
