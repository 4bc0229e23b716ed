import type { ChangeFeed, ChangeListener } from '../../../application/keyspace/change-log/change-feed.js';
import { type Change, positionOf } from '../../../domain/change.js';
import type { ValueView } from '../../../domain/value.js';
import { type EventPage, EventPages, eventsOf } from './event-pages.js';
import { SseChannels } from './sse-channels.js';
import type { PublishedEvents, SseStream } from './sse-stream.js';

/** The share of the time that publishing may take, and how long that may delay an event at most, in ms. */
const TIME_SHARE = 1 / 20;
const MAX_DELAY = 1_000;
/** Once their values have more than this many bytes in all, changes are published without waiting for more. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/**
 * How long a round may run before other work gets a turn, in ms, and how many streams it writes between looks at the
 * clock.
 */
const MAX_TURN = 5;
const STREAMS_PER_STEP = 16;

/**
 * Publishes one project's changes to its streams. The first change is published in the same turn of the event loop.
 * Once publishing has used its share of the time, changes are collected and published together, in one chunk that all
 * streams of a channel share.
 */
export class SseFanOut implements ChangeListener, PublishedEvents {
  readonly #channels = new SseChannels();
  readonly #pages: EventPages;
  readonly #unsubscribe: () => void;
  /** The changes not published yet, the bytes of their values, and the position of the last change before them. */
  #batch: Change[] = [];
  #bytes = 0;
  #publishedPosition: number;
  /** The rest of the round under way, and the time that the round has taken so far, in ms. */
  #round: Generator<void> | undefined;
  #roundTime = 0;
  /** The earliest time for the next round, as `performance.now()` counts. */
  #nextRoundAt = 0;
  #scheduled = false;
  #closed = false;

  constructor(
    private readonly log: ChangeFeed,
    private readonly onEmpty: () => void,
  ) {
    this.#pages = new EventPages(log);
    this.#publishedPosition = log.position;
    this.#unsubscribe = log.subscribe(this);
  }

  /** Of the last change that was published. */
  get publishedPosition(): number {
    return this.#publishedPosition;
  }

  eventsAfter({ channel, filter }: SseStream, position: number): EventPage | undefined {
    return this.#pages.after(channel, filter, position, this.#publishedPosition);
  }

  get wantsEntries(): boolean {
    return this.#channels.showValues;
  }

  add(stream: SseStream): void {
    this.#channels.add(stream);
    if (this.#closed) stream.end();
  }

  remove(stream: SseStream): void {
    this.#channels.remove(stream);
    if (this.#channels.size > 0) return;
    this.#unsubscribe();
    this.onEmpty();
  }

  changed(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#batch.push(change);
      this.#bytes += change.sizeBytes;
    }
    if (this.#bytes > MAX_BATCH_BYTES) this.#publishAll();
    else this.#schedule();
  }

  overflowed(): void {
    this.#publishAll();
    this.#pages.clear();
    for (const stream of this.#channels.streams()) stream.markBehind();
    this.#publishedPosition = this.log.position;
    for (const stream of this.#channels.streams()) stream.catchUp();
  }

  closed(): void {
    this.#closed = true;
    this.#publishAll();
    for (const stream of this.#channels.streams()) stream.end();
  }

  /** Keeps connections alive, and sends streams that are up to date an id from which their clients can resume. */
  heartbeat(): void {
    this.#finishRound();
    this.#pages.clear();
    const withId = Buffer.from(`:\nid: ${this.log.tokenOf(this.#publishedPosition)}\n\n`);
    const withoutId = Buffer.from(':\n\n');
    for (const stream of this.#channels.streams()) {
      stream.endIfStalled();
      stream.catchUp();
      if (stream.ready) stream.write(stream.upToDate ? withId : withoutId);
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#round !== undefined) return;
    this.#scheduled = true;
    const publish = () => {
      this.#scheduled = false;
      this.#startRound();
      this.#runTurn();
    };
    const wait = this.#nextRoundAt - performance.now();
    if (wait < 1) setImmediate(publish);
    else setTimeout(publish, wait);
  }

  /** Publishes everything before it returns. */
  #publishAll(): void {
    this.#finishRound();
    this.#startRound();
    this.#finishRound();
  }

  #startRound(): void {
    const last = this.#batch[this.#batch.length - 1];
    if (last === undefined || this.#round !== undefined) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#roundTime = 0;
    const channelBatches = [...this.#channels.changesByChannel(batch)].map(([{ view, streams }, changes]) => ({
      view,
      changes,
      // A stream that fell behind reads these changes from the log when it gets to them.
      streams: [...streams].filter((stream) => stream.ready && stream.upToDate),
      behind: [...streams].filter((stream) => !stream.upToDate),
    }));
    this.#publishedPosition = positionOf(last);
    this.#round = this.#writeBatches(channelBatches);
  }

  *#writeBatches(batches: readonly ChannelBatch[]): Generator<void> {
    for (const { view, changes, streams, behind } of batches) {
      const chunk = Buffer.from(eventsOf(this.log, changes, view));
      for (const [i, stream] of streams.entries()) {
        stream.write(chunk);
        if (i % STREAMS_PER_STEP === STREAMS_PER_STEP - 1) yield;
      }
      for (const stream of behind) stream.catchUp();
      yield;
    }
  }

  #runTurn(): void {
    const started = performance.now();
    while (this.#round !== undefined && performance.now() - started < MAX_TURN) this.#step();
    this.#roundTime += performance.now() - started;
    if (this.#round !== undefined) {
      setImmediate(() => this.#runTurn());
      return;
    }
    // Writes that node does in the following ticks count as part of the round, too.
    const ended = performance.now();
    process.nextTick(() => {
      this.#roundTime += performance.now() - ended;
      this.#nextRoundAt = performance.now() + Math.min(MAX_DELAY, this.#roundTime * (1 / TIME_SHARE - 1));
      if (this.#batch.length > 0) this.#schedule();
    });
  }

  #finishRound(): void {
    while (this.#round !== undefined) this.#step();
  }

  #step(): void {
    if (this.#round?.next().done) this.#round = undefined;
  }
}

/** What a round writes to one channel. */
interface ChannelBatch {
  readonly view: ValueView | undefined;
  readonly changes: readonly Change[];
  readonly streams: readonly SseStream[];
  /** Streams that read from the log until they have caught up. */
  readonly behind: readonly SseStream[];
}
