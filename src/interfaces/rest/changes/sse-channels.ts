import type { Change } from '../../../domain/change.js';
import type { KeyFilter } from '../../../domain/key.js';
import type { SseStream } from './sse-stream.js';

/** Streams that are given the same. */
export interface SseChannel {
  readonly filter: KeyFilter;
  readonly values: boolean;
  readonly streams: Set<SseStream>;
}

/** Finds the channels that a change belongs to without asking all of them. */
export class SseChannels {
  readonly #byId = new Map<string, SseChannel>();
  readonly #byPrefix = new Map<string, Set<SseChannel>>();
  readonly #byKey = new Map<string, Set<SseChannel>>();
  /** How many different prefixes have a length, in UTF-16 units. */
  readonly #lengths = new Map<number, number>();

  get size(): number {
    return this.#byId.size;
  }

  add(stream: SseStream): void {
    const id = idOf(stream);
    let channel = this.#byId.get(id);
    if (channel === undefined) {
      channel = { filter: stream.filter, values: stream.values, streams: new Set() };
      this.#byId.set(id, channel);
      this.#enter(channel);
    }
    channel.streams.add(stream);
  }

  remove(stream: SseStream): void {
    const id = idOf(stream);
    const channel = this.#byId.get(id);
    if (channel?.streams.delete(stream) && channel.streams.size === 0) {
      this.#byId.delete(id);
      this.#leave(channel);
    }
  }

  *streams(): Generator<SseStream> {
    for (const { streams } of [...this.#byId.values()]) yield* [...streams];
  }

  /** The changes that each channel is to be told; none where that is nothing. */
  sorted(changes: readonly Change[]): Map<SseChannel, Change[]> {
    const sorted = new Map<SseChannel, Change[]>();
    const put = (channels: Set<SseChannel> | undefined, change: Change) => {
      for (const channel of channels ?? []) {
        const told = sorted.get(channel);
        if (told === undefined) sorted.set(channel, [change]);
        else told.push(change);
      }
    };
    for (const change of changes) {
      const { key } = change;
      for (const length of this.#lengths.keys()) {
        if (length <= key.length) put(this.#byPrefix.get(key.slice(0, length)), change);
      }
      put(this.#byKey.get(key), change);
    }
    return sorted;
  }

  #enter(channel: SseChannel): void {
    const { prefix, keys } = channel.filter;
    for (const key of keys ?? []) setOf(this.#byKey, key).add(channel);
    if (keys !== undefined) return;
    if (!this.#byPrefix.has(prefix)) this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
    setOf(this.#byPrefix, prefix).add(channel);
  }

  #leave(channel: SseChannel): void {
    const { prefix, keys } = channel.filter;
    for (const key of keys ?? []) takeFrom(this.#byKey, key, channel);
    if (keys !== undefined || !takeFrom(this.#byPrefix, prefix, channel)) return;
    const left = (this.#lengths.get(prefix.length) ?? 0) - 1;
    if (left > 0) this.#lengths.set(prefix.length, left);
    else this.#lengths.delete(prefix.length);
  }
}

function setOf(map: Map<string, Set<SseChannel>>, name: string): Set<SseChannel> {
  const found = map.get(name) ?? new Set();
  map.set(name, found);
  return found;
}

/** Whether that was the last of the name. */
function takeFrom(map: Map<string, Set<SseChannel>>, name: string, channel: SseChannel): boolean {
  const found = map.get(name);
  found?.delete(channel);
  return found?.size === 0 && map.delete(name);
}

function idOf({ filter: { prefix, keys }, values }: SseStream): string {
  return JSON.stringify([values, prefix, keys && [...keys].sort()]);
}
