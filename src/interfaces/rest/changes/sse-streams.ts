import type { Writable } from 'node:stream';
import type { ActiveWatches } from '../../../application/changes/active-watches.js';
import type { ChangeLog } from '../../../application/keyspace/change-log.js';
import { streamEvent } from './change-json.js';
import { SseFanOut } from './sse-fan-out.js';
import { SseStream, type StreamRequest } from './sse-stream.js';

const READY_WITHOUT_ID = 'event: ready\ndata: {}\n\n';

/** All open event streams. */
export class SseStreams {
  readonly #fanOuts = new Map<ChangeLog, SseFanOut>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly watches: ActiveWatches,
    /** How often a stream is told something at least, in ms. */
    private readonly beatEvery: number,
  ) {}

  /** Tells the reader behind `out` of changes from the token on, or from now on, until either side ends it. */
  open(request: StreamRequest, since: string | undefined, out: Writable): void {
    const log = request.keyspace.changes;
    const fanOut = this.#fanOutOf(log);
    const known = since === undefined ? log.position : log.positionOf(since);
    const onEnd = (ended: SseStream) => {
      fanOut.remove(ended);
      this.watches.remove(ended);
    };
    const stream = new SseStream(request, out, known ?? log.position, () => fanOut.publishedVersion, onEnd);
    fanOut.add(stream);
    const token = log.tokenOf(stream.position);
    // Whoever breaks off between the two must not go on from here without having heard of the second.
    stream.write(known === undefined ? READY_WITHOUT_ID + streamEvent('resync', token) : streamEvent('ready', token));
    this.watches.add(stream);
    if (out.destroyed) stream.end();
    else stream.catchUp();
  }

  #fanOutOf(log: ChangeLog): SseFanOut {
    const open = this.#fanOuts.get(log);
    if (open !== undefined) return open;
    const fanOut = new SseFanOut(log, () => this.#close(log));
    this.#fanOuts.set(log, fanOut);
    this.#timer ??= setInterval(() => this.#beat(), this.beatEvery);
    return fanOut;
  }

  #close(log: ChangeLog): void {
    this.#fanOuts.delete(log);
    if (this.#fanOuts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    for (const fanOut of [...this.#fanOuts.values()]) fanOut.heartbeat();
  }
}
