import { EventStreamReader } from '../../harness/event-stream-reader.js';
import type { RegistryProcess } from './registry-process.js';

interface Event {
  readonly event: string;
  readonly key: string;
  readonly version: string;
}

/** A copy of a project that follows the change feed, at any of several servers, and disconnects all the time. */
export class FeedReader {
  /** The version of each key. */
  readonly copy = new Map<string, string>();
  resyncs = 0;
  connections = 0;
  #since = '';

  /** `random` returns a number below the one that it gets. */
  constructor(
    private readonly servers: () => readonly RegistryProcess[],
    private readonly path: string,
    private readonly key: string,
    private readonly random: (below: number) => number,
  ) {}

  /** Begins to follow: what happens from now on is not missed. */
  async begin(): Promise<void> {
    const answer = await this.#server().call('GET', `${this.path}?wait=0`, this.key);
    if (answer.status !== 200) throw new Error(answer.text);
    this.#since = answer.data.since;
  }

  /** Follows, sometimes by requests and sometimes by streams, until the key is in the copy. */
  async until(last: string): Promise<void> {
    while (!this.copy.has(last)) {
      this.connections += 1;
      try {
        await (this.random(2) === 0 ? this.#poll() : this.#stream(last));
      } catch {
        // The server was killed.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  #server(): RegistryProcess {
    const all = this.servers();
    return all[this.random(all.length)] as RegistryProcess;
  }

  async #poll(): Promise<void> {
    const { status, data } = await this.#server().callOnce('GET', `${this.path}?wait=1&since=${this.#since}`, this.key);
    if (status !== 200) throw new Error(`${status}`);
    if (data.resync === true) this.resyncs += 1;
    for (const change of data.changes) this.#apply(change);
    this.#since = data.since;
  }

  /** Reads some events of a stream, and drops the connection. */
  async #stream(last: string): Promise<void> {
    const url = `${this.#server().address}/api/v1/projects/${this.path}`;
    const stream = await EventStreamReader.open(url, this.key, this.#since);
    try {
      for (let left = 1 + this.random(30); left > 0 && !this.copy.has(last); left--) {
        const next = await stream.next();
        if (next === undefined) return;
        if (next.event === 'resync') this.resyncs += 1;
        else if (next.event !== 'ready') this.#apply({ event: next.event, ...next.data });
        if (next.id !== '') this.#since = next.id;
      }
    } finally {
      stream.close();
    }
  }

  #apply({ event, key, version }: Event): void {
    if (event === 'put') this.copy.set(key, version);
    else this.copy.delete(key);
  }
}
