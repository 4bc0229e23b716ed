import { EventStreamReader } from '../../harness/event-stream-reader.js';
import type { TestServer } from '../../harness/test-server.js';

/** An entry of the copy. */
interface Known {
  readonly version: string;
  /** Undefined if the value was replaced before the event was sent. */
  readonly value: unknown;
}

/**
 * A client that keeps a copy of a project by its changes alone: it applies events in their order, disconnects at
 * random, goes on after the last id, and loads the store again after `resync`.
 */
export class FeedReplica {
  readonly copy = new Map<string, Known>();
  /** The changes as it read them. */
  readonly changes: string[] = [];
  breaks = 0;
  resyncs = 0;
  #last: string | undefined;
  #stopped = false;
  #reader: EventStreamReader | undefined;

  constructor(
    private readonly server: TestServer,
    private readonly project: string,
    private readonly key: string,
    private readonly random: () => number,
    /** Whether it loses its token from time to time. */
    private readonly forgetful: boolean,
  ) {}

  /** Applies changes until it is stopped. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const url = `${this.server.address}/api/v1/projects/${this.project}/changes?include=value`;
      const since = this.forgetful && this.random() < 0.1 ? 'lost' : this.#last;
      const reader = await EventStreamReader.open(url, this.key, since);
      this.#reader = reader;
      // It may have been stopped while it connected.
      if (this.#stopped) reader.close();
      const count = Math.floor(this.random() * 60);
      for (let i = 0; i < count || this.#last === undefined; i++) if (!(await this.#take(reader))) break;
      this.breaks += 1;
      reader.close();
    }
  }

  /** Stops after it has a key, and resolves then. */
  async seen(key: string): Promise<void> {
    while (!this.copy.has(key)) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#stopped = true;
    this.#reader?.close();
  }

  async #take(reader: EventStreamReader): Promise<boolean> {
    if (this.random() < 0.01) {
      reader.pause();
      setTimeout(() => reader.resume(), 30);
    }
    const next = await reader.next(30_000);
    if (next === undefined) return false;
    const { event, data } = next;
    if (data.key !== undefined) this.changes.push(`${event} ${data.key} ${data.version}`);
    if (event === 'put') this.copy.set(data.key, { version: data.version, value: data.item?.value });
    else if (event === 'resync') {
      this.resyncs += 1;
      await this.#load();
    } else this.copy.delete(data.key);
    if (next.id !== '') this.#last = next.id;
    return true;
  }

  async #load(): Promise<void> {
    const { json } = await this.server.call('GET', `${this.project}/store?as=auto&limit=1000`, { key: this.key });
    this.copy.clear();
    for (const [key, item] of Object.entries(json.data.items as Record<string, Known>)) {
      this.copy.set(key, { version: item.version, value: item.value });
    }
  }
}
