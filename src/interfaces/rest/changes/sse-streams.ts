import type { Writable } from 'node:stream';
import type { ActiveWatches } from '../../../application/changes/active-watches.js';
import type { ChangeLog } from '../../../application/keyspace/change-log/change-log.js';
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
    /** How often each stream gets a heartbeat, in ms. */
    private readonly heartbeatInterval: number,
  ) {}

  /** Streams changes to `out`, from the token on or, without one, from now on, until either side ends it. */
  open(request: StreamRequest, since: string | undefined, out: Writable): void {
    const log = request.keyspace.changes;
    const fanOut = this.#fanOutOf(log);
    const position = since === undefined ? log.position : log.positionOf(since);
    const onEnd = (ended: SseStream) => {
      fanOut.remove(ended);
      this.watches.remove(ended);
    };
    const stream = new SseStream(request, out, position ?? log.position, () => fanOut.publishedVersion, onEnd);
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

  #fanOutOf(log: ChangeLog): SseFanOut {
    const open = this.#fanOuts.get(log);
    if (open !== undefined) return open;
    const fanOut = new SseFanOut(log, () => this.#close(log));
    this.#fanOuts.set(log, fanOut);
    this.#timer ??= setInterval(() => this.#heartbeat(), this.heartbeatInterval);
    return fanOut;
  }

  #close(log: ChangeLog): void {
    this.#fanOuts.delete(log);
    if (this.#fanOuts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #heartbeat(): void {
    for (const fanOut of [...this.#fanOuts.values()]) fanOut.heartbeat();
  }
}
