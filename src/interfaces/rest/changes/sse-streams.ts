import type { Writable } from 'node:stream';
import type { ActiveWatches } from '../../../application/changes/active-watches.js';
import type { ChangeFeed } from '../../../application/keyspace/change-log/change-feed.js';
import { streamEvent } from './change-json.js';
import { SseFanOut } from './sse-fan-out.js';
import { SseStream, type StreamRequest } from './sse-stream.js';

const READY_WITHOUT_ID = 'event: ready\ndata: {}\n\n';

/** All open event streams. */
export class SseStreams {
  readonly #fanOuts = new Map<ChangeFeed, SseFanOut>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly watches: ActiveWatches,
    /** How often each stream gets a heartbeat, in ms. */
    private readonly heartbeatInterval: number,
  ) {}

  /**
   * Streams changes to `out`, from a position on, until either side ends it. If there is none, the changes after what
   * the client knows are not known.
   */
  open(request: StreamRequest, position: number | undefined, out: Writable): void {
    const log = request.keyspace.changes;
    const fanOut = this.#fanOutOf(log);
    const onEnd = (ended: SseStream) => {
      fanOut.remove(ended);
      this.watches.remove(ended);
    };
    const stream = new SseStream(request, out, position ?? log.position, fanOut, onEnd);
    fanOut.add(stream);
    const token = log.tokenOf(stream.position);
    // `ready` has no id before `resync`: a client cut off between them must not resume from here without the second.
    stream.write(
      position === undefined ? READY_WITHOUT_ID + streamEvent('resync', token) : streamEvent('ready', token),
    );
    this.watches.add(stream);
    if (out.destroyed) stream.end();
    else stream.catchUp();
  }

  #fanOutOf(log: ChangeFeed): SseFanOut {
    const open = this.#fanOuts.get(log);
    if (open !== undefined) return open;
    const fanOut = new SseFanOut(log, () => this.#close(log));
    this.#fanOuts.set(log, fanOut);
    this.#timer ??= setInterval(() => this.#heartbeat(), this.heartbeatInterval);
    return fanOut;
  }

  #close(log: ChangeFeed): void {
    this.#fanOuts.delete(log);
    if (this.#fanOuts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #heartbeat(): void {
    for (const fanOut of [...this.#fanOuts.values()]) fanOut.heartbeat();
  }
}
