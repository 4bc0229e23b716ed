import type { ChangeListener, ChangeLog } from '../../../application/keyspace/change-log.js';
import type { Change } from '../../../domain/change.js';
import { changeEvent } from './change-json.js';
import { SseChannels } from './sse-channels.js';
import type { SseStream } from './sse-stream.js';

/** Telling the streams may take this part of the time; how long that may hold up an event at most, in ms. */
const SHARE = 1 / 20;
const LONGEST_DELAY = 1_000;
/** Values of this many bytes together are told without waiting for more. */
const MOST_BYTES = 4 * 1024 * 1024;
/** After how long others get their turn while many streams are told, in ms, and after how many it is looked at the clock. */
const TURN = 5;
const AT_ONCE = 16;

/**
 * Tells one project's changes to its streams. The first change is told in the same turn of the event loop; those that come while telling has
 * had its share of the time are told together, in one piece that all streams of a channel share.
 */
export class SseFanOut implements ChangeListener {
  readonly #channels = new SseChannels();
  readonly #unsubscribe: () => void;
  /** What is not told yet, its values, and the version of the last change before it. */
  #batch: Change[] = [];
  #bytes = 0;
  #told: number;
  /** The streams that are still to be told what is being told, and the time that took so far, in ms. */
  #round: Generator<void> | undefined;
  #took = 0;
  #notBefore = 0;
  #scheduled = false;
  #closed = false;

  constructor(
    private readonly log: ChangeLog,
    private readonly onEmpty: () => void,
  ) {
    this.#told = log.position;
    this.#unsubscribe = log.subscribe(this);
  }

  /** The version of the last change that was told. */
  get publishedVersion(): number {
    return this.#told;
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
    if (this.#bytes > MOST_BYTES) this.#tellAll();
    else this.#schedule();
  }

  overflowed(): void {
    this.#tellAll();
    for (const stream of this.#channels.streams()) stream.markBehind();
    this.#told = this.log.position;
    for (const stream of this.#channels.streams()) stream.catchUp();
  }

  closed(): void {
    this.#closed = true;
    this.#tellAll();
    for (const stream of this.#channels.streams()) stream.end();
  }

  /** Keeps connections alive, and tells those who heard nothing for long from where they could go on. */
  heartbeat(): void {
    this.#finish();
    const upToDate = Buffer.from(`:\nid: ${this.log.tokenOf(this.#told)}\n\n`);
    const behind = Buffer.from(':\n\n');
    for (const stream of this.#channels.streams()) {
      stream.endIfStalled();
      stream.catchUp();
      if (stream.ready) stream.write(stream.upToDate ? upToDate : behind);
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#round !== undefined) return;
    this.#scheduled = true;
    const tell = () => {
      this.#scheduled = false;
      this.#begin();
      this.#goOn();
    };
    const wait = this.#notBefore - performance.now();
    if (wait < 1) setImmediate(tell);
    else setTimeout(tell, wait);
  }

  /** Tells everything before anything else happens. */
  #tellAll(): void {
    this.#finish();
    this.#begin();
    this.#finish();
  }

  #begin(): void {
    const last = this.#batch[this.#batch.length - 1];
    if (last === undefined || this.#round !== undefined) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#took = 0;
    const given = [...this.#channels.sorted(batch)].map(([{ values, streams }, changes]) => ({
      values,
      changes,
      // Who is behind reads this from the log, whenever that comes to it.
      streams: [...streams].filter((stream) => stream.ready && stream.upToDate),
      others: [...streams].filter((stream) => !stream.upToDate),
    }));
    this.#told = last.version;
    this.#round = this.#give(given);
  }

  *#give(given: readonly Given[]): Generator<void> {
    for (const { values, changes, streams, others } of given) {
      const text = changes.map((change) => changeEvent(change, values, this.log.tokenOf(change.version))).join('');
      const chunk = Buffer.from(text);
      for (const [i, stream] of streams.entries()) {
        stream.write(chunk);
        if (i % AT_ONCE === AT_ONCE - 1) yield;
      }
      for (const stream of others) stream.catchUp();
      yield;
    }
  }

  #goOn(): void {
    const began = performance.now();
    while (this.#round !== undefined && performance.now() - began < TURN) this.#step();
    this.#took += performance.now() - began;
    if (this.#round !== undefined) {
      setImmediate(() => this.#goOn());
      return;
    }
    // What is written in the ticks that follow belongs to it, too.
    const ended = performance.now();
    process.nextTick(() => {
      this.#took += performance.now() - ended;
      this.#notBefore = performance.now() + Math.min(LONGEST_DELAY, this.#took * (1 / SHARE - 1));
      if (this.#batch.length > 0) this.#schedule();
    });
  }

  #finish(): void {
    while (this.#round !== undefined) this.#step();
  }

  #step(): void {
    if (this.#round?.next().done) this.#round = undefined;
  }
}

interface Given {
  readonly values: boolean;
  readonly changes: readonly Change[];
  readonly streams: readonly SseStream[];
  readonly others: readonly SseStream[];
}
