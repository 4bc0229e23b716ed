import type { ChangeListener, ChangeLog } from '../../application/changes/change-log.js';
import type { Change } from '../../domain/change.js';
import { type KeyFilter, passes } from '../../domain/key-filter.js';
import { changeEvent } from './change-text.js';
import type { EventStream } from './event-stream.js';

/** Telling the streams may take this part of the time; how long that may hold up an event at most, in ms. */
const SHARE = 1 / 20;
const LONGEST_DELAY = 1_000;
/** Values of this many bytes together are told without waiting for more. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Streams that are given the same. */
interface Channel {
  readonly filter: KeyFilter;
  readonly values: boolean;
  readonly streams: Set<EventStream>;
}

/**
 * Tells one project's changes to its streams. The first change is told in the same turn of the event loop; those that come while telling has
 * had its share of the time are told together, in one piece that all streams of a channel share.
 */
export class FanOut implements ChangeListener {
  readonly #channels = new Map<string, Channel>();
  readonly #unsubscribe: () => void;
  /** What is not told yet, its values, and the version of the last change before it. */
  #batch: Change[] = [];
  #bytes = 0;
  #told: number;
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
  get told(): number {
    return this.#told;
  }

  add(stream: EventStream): void {
    const id = channelId(stream);
    const channel = this.#channels.get(id) ?? { filter: stream.filter, values: stream.values, streams: new Set() };
    channel.streams.add(stream);
    this.#channels.set(id, channel);
    if (this.#closed) stream.end();
  }

  remove(stream: EventStream): void {
    const id = channelId(stream);
    const channel = this.#channels.get(id);
    channel?.streams.delete(stream);
    if (channel?.streams.size === 0) this.#channels.delete(id);
    if (this.#channels.size > 0) return;
    this.#unsubscribe();
    this.onEmpty();
  }

  changed(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#batch.push(change);
      this.#bytes += change.sizeBytes;
    }
    if (this.#bytes > MOST_BYTES) this.#tell();
    else this.#schedule();
  }

  lost(): void {
    this.#tell();
    this.#told = this.log.position;
    for (const stream of this.#streams()) stream.readOn();
  }

  closed(): void {
    this.#closed = true;
    this.#tell();
    for (const stream of this.#streams()) stream.end();
  }

  /** Keeps connections alive, and tells those who heard nothing for long from where they could go on. */
  beat(): void {
    const upToDate = Buffer.from(`:\nid: ${this.log.tokenOf(this.#told)}\n\n`);
    const behind = Buffer.from(':\n\n');
    for (const stream of this.#streams()) {
      stream.endIfStalled();
      if (stream.ready) stream.write(stream.position === this.#told ? upToDate : behind);
    }
  }

  *#streams(): Generator<EventStream> {
    for (const { streams } of [...this.#channels.values()]) yield* [...streams];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const tell = () => {
      this.#scheduled = false;
      this.#tell();
    };
    const wait = this.#notBefore - performance.now();
    if (wait < 1) setImmediate(tell);
    else setTimeout(tell, wait);
  }

  #tell(): void {
    const last = this.#batch[this.#batch.length - 1];
    if (last === undefined) return;
    const began = performance.now();
    const [batch, from] = [this.#batch, this.#told];
    this.#batch = [];
    this.#bytes = 0;
    this.#told = last.version;
    for (const channel of this.#channels.values()) this.#tellChannel(channel, batch, from);
    const now = performance.now();
    this.#notBefore = now + Math.min(LONGEST_DELAY, (now - began) * (1 / SHARE - 1));
  }

  #tellChannel({ filter, values, streams }: Channel, batch: readonly Change[], from: number): void {
    const text = batch
      .filter(({ key }) => passes(filter, key))
      .map((change) => changeEvent(change, values, this.log.tokenOf(change.version)))
      .join('');
    const chunk = text === '' ? undefined : Buffer.from(text);
    for (const stream of streams) {
      if (!stream.ready) continue;
      if (stream.position === from) {
        if (chunk !== undefined) stream.write(chunk);
        stream.position = this.#told;
      } else stream.readOn();
    }
  }
}

function channelId({ filter: { prefix, keys }, values }: EventStream): string {
  return JSON.stringify([values, prefix, keys && [...keys].sort()]);
}
