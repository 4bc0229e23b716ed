import type { Change } from '../../../domain/change.js';
import type { KeyFilter } from '../../../domain/key.js';
import type { ValueView } from '../../../domain/value.js';
import type { SseStream } from './sse-stream.js';

/** Streams that receive the same events. */
export interface SseChannel {
  readonly filter: KeyFilter;
  /** How values are shown; undefined if they are left out. */
  readonly view: ValueView | undefined;
  readonly streams: Set<SseStream>;
}

/** Finds the channels of a change by its key, without testing every filter. */
export class SseChannels {
  readonly #byId = new Map<string, SseChannel>();
  readonly #byPrefix = new Map<string, Set<SseChannel>>();
  readonly #byKey = new Map<string, Set<SseChannel>>();
  /** The number of different prefixes of a length, by that length in UTF-16 units. */
  readonly #prefixLengths = new Map<number, number>();

  get size(): number {
    return this.#byId.size;
  }

  /** Whether one of them has values. */
  get showValues(): boolean {
    return [...this.#byId.values()].some(({ view }) => view !== undefined);
  }

  add(stream: SseStream): void {
    const id = stream.channel;
    let channel = this.#byId.get(id);
    if (channel === undefined) {
      channel = { filter: stream.filter, view: stream.view, streams: new Set() };
      this.#byId.set(id, channel);
      this.#index(channel);
    }
    channel.streams.add(stream);
  }

  remove(stream: SseStream): void {
    const id = stream.channel;
    const channel = this.#byId.get(id);
    if (channel?.streams.delete(stream) && channel.streams.size === 0) {
      this.#byId.delete(id);
      this.#unindex(channel);
    }
  }

  *streams(): Generator<SseStream> {
    for (const { streams } of [...this.#byId.values()]) yield* [...streams];
  }

  /** The changes for each channel, in their order; channels without a change are left out. */
  changesByChannel(changes: readonly Change[]): Map<SseChannel, Change[]> {
    const byChannel = new Map<SseChannel, Change[]>();
    const put = (channels: Set<SseChannel> | undefined, change: Change) => {
      for (const channel of channels ?? []) {
        const earlier = byChannel.get(channel);
        if (earlier === undefined) byChannel.set(channel, [change]);
        else earlier.push(change);
      }
    };
    for (const change of changes) {
      const { key } = change;
      for (const length of this.#prefixLengths.keys()) {
        if (length <= key.length) put(this.#byPrefix.get(key.slice(0, length)), change);
      }
      put(this.#byKey.get(key), change);
    }
    return byChannel;
  }

  #index(channel: SseChannel): void {
    const { prefix, keys } = channel.filter;
    for (const key of keys ?? []) channelSet(this.#byKey, key).add(channel);
    if (keys !== undefined) return;
    if (!this.#byPrefix.has(prefix))
      this.#prefixLengths.set(prefix.length, (this.#prefixLengths.get(prefix.length) ?? 0) + 1);
    channelSet(this.#byPrefix, prefix).add(channel);
  }

  #unindex(channel: SseChannel): void {
    const { prefix, keys } = channel.filter;
    for (const key of keys ?? []) removeChannel(this.#byKey, key, channel);
    if (keys !== undefined || !removeChannel(this.#byPrefix, prefix, channel)) return;
    const remaining = (this.#prefixLengths.get(prefix.length) ?? 0) - 1;
    if (remaining > 0) this.#prefixLengths.set(prefix.length, remaining);
    else this.#prefixLengths.delete(prefix.length);
  }
}

function channelSet(map: Map<string, Set<SseChannel>>, name: string): Set<SseChannel> {
  const found = map.get(name) ?? new Set();
  map.set(name, found);
  return found;
}

/** Returns whether that was the last channel of the name. */
function removeChannel(map: Map<string, Set<SseChannel>>, name: string, channel: SseChannel): boolean {
  const found = map.get(name);
  found?.delete(channel);
  return found?.size === 0 && map.delete(name);
}
