import type { Writable } from 'node:stream';
import type { Watch } from '../../../application/changes/active-watches.js';
import { attachValues } from '../../../application/keyspace/attach-values.js';
import { readChanges } from '../../../application/keyspace/change-log/read-changes.js';
import type { Keyspace } from '../../../application/keyspace/keyspace.js';
import type { Identity } from '../../../domain/api-key.js';
import { type Change, positionOf } from '../../../domain/change.js';
import type { KeyFilter } from '../../../domain/key.js';
import type { ValueView } from '../../../domain/value.js';
import { streamEvent } from './change-json.js';
import { type EventPage, eventsOf, PAGE } from './event-pages.js';

/** A stream with more unsent bytes than this gets no more until they are sent. */
const MAX_UNSENT = 64 * 1024;
/**
 * A reader that takes longer than this for the unsent bytes, in ms, and is slower than this, in bytes per second, is
 * cut off.
 */
const STALL_TIMEOUT = 30_000;
const MIN_RATE = 16 * 1024;

/** What is published to the streams of a project. */
export interface PublishedEvents {
  /** A stream may read the log up to this position. */
  readonly publishedPosition: number;
  /** Events without values after a position; undefined if those are not known any more. */
  eventsAfter(stream: SseStream, position: number): EventPage | undefined;
}

export interface StreamRequest {
  readonly keyspace: Keyspace;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  /** How values are shown; undefined if they are left out. */
  readonly view: ValueView | undefined;
}

/**
 * One open stream: a position in the log of changes. While its reader keeps up, it gets the same chunks as the other
 * streams of its channel. If its reader is slow, nothing is buffered for it: it reads the log from where it stopped,
 * and gets `resync` if the log does not reach back that far.
 */
export class SseStream implements Watch {
  readonly project: string;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly view: ValueView | undefined;
  /** The same for all streams that receive the same events. */
  readonly channel: string;
  readonly #keyspace: Keyspace;
  /** The position up to which the reader has all changes of its filter; undefined if that is everything published. */
  #sentUpTo: number | undefined;
  #reading = false;
  #fullSince: number | undefined;
  #ended = false;

  constructor(
    { keyspace, caller, filter, view }: StreamRequest,
    private readonly out: Writable,
    position: number,
    private readonly published: PublishedEvents,
    private readonly onEnd: (stream: SseStream) => void,
  ) {
    this.project = keyspace.project;
    this.caller = caller;
    this.filter = filter;
    this.view = view;
    this.channel = channelOf(filter, view);
    this.#keyspace = keyspace;
    this.#sentUpTo = position;
    out.on('drain', () => {
      this.#fullSince = undefined;
      this.catchUp();
    });
    out.on('close', () => this.end());
    out.on('error', () => this.end());
  }

  /** Whether it can take more now. */
  get ready(): boolean {
    return !this.#reading && this.#fullSince === undefined && !this.#ended;
  }

  get upToDate(): boolean {
    return this.#sentUpTo === undefined;
  }

  get position(): number {
    return this.#sentUpTo ?? this.published.publishedPosition;
  }

  /** From now on the stream reads the log instead of taking what is published. */
  markBehind(): void {
    this.#sentUpTo ??= this.published.publishedPosition;
  }

  write(chunk: string | Buffer): void {
    if (this.#ended) return;
    this.out.write(chunk);
    if (this.out.writableLength <= MAX_UNSENT || this.#fullSince !== undefined) return;
    this.#fullSince = performance.now();
    this.markBehind();
  }

  /**
   * Sends what the log has, as long as the reader takes it. Does nothing if that is under way or the stream is up to
   * date.
   */
  catchUp(): void {
    if (!this.ready || this.upToDate) return;
    this.#catchUp().catch(() => this.end());
  }

  /** Ends the stream if its reader has been too slow for too long. */
  endIfStalled(): void {
    if (this.#fullSince === undefined) return;
    const allowed = Math.max(STALL_TIMEOUT, (this.out.writableLength / MIN_RATE) * 1000);
    if (performance.now() - this.#fullSince > allowed) this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd(this);
    if (this.#fullSince === undefined) this.out.end();
    else this.out.destroy();
  }

  async #catchUp(): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#ended && this.#fullSince === undefined && this.position < this.published.publishedPosition)
        await this.#readPage();
      if (this.#fullSince === undefined && this.#sentUpTo === this.published.publishedPosition)
        this.#sentUpTo = undefined;
    } finally {
      this.#reading = false;
    }
  }

  async #readPage(): Promise<void> {
    const page = this.view === undefined ? this.published.eventsAfter(this, this.position) : await this.#valuesPage();
    if (page === undefined) {
      this.#sentUpTo = this.published.publishedPosition;
      this.write(streamEvent('resync', this.#keyspace.changes.tokenOf(this.position)));
      return;
    }
    this.#sentUpTo = page.position;
    if (page.chunk.length > 0) this.write(page.chunk);
  }

  /** Values are read for each stream: which of them are still current changes from moment to moment. */
  async #valuesPage(): Promise<{ readonly chunk: string; readonly position: number } | undefined> {
    const log = this.#keyspace.changes;
    const page = readChanges(log, this.filter, this.position, PAGE, this.published.publishedPosition);
    if (page === undefined) return undefined;
    const changes = await attachValues(this.#keyspace, page.changes);
    const complete = changes.length === page.changes.length;
    const position = complete ? page.position : positionOf(changes[changes.length - 1] as Change);
    return { chunk: eventsOf(log, changes, this.view), position };
  }
}

function channelOf({ prefix, keys }: KeyFilter, view: ValueView | undefined): string {
  return JSON.stringify([view, prefix, keys && [...keys].sort()]);
}
