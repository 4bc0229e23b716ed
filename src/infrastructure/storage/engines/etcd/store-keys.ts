import { createHash, randomBytes } from 'node:crypto';
import { storeOwner } from '../../building-blocks/server/store-owner.js';
import type { Location } from '../location.js';

/**
 * The keys in etcd of one store, all under its own prefix, each after a letter:
 *
 *     s                            the store exists: its format
 *     s fence                      its commits are refused, for the move that it says
 *     e KEY                        an entry
 *     x TIME KEY                   it expires then
 *     n ID                         what one open handle added to the sizes; `n` alone is the sum of those that are gone
 *     c SET NUMBER KEY             a part of a value that is too large for one request; SET begins with the time
 *
 * Times are eight bytes, a SET is six bytes of time and six random ones, a NUMBER is four bytes; all are big-endian.
 */
export class StoreKeys {
  readonly #prefix: Buffer;
  readonly existence: Buffer;
  /** All keys of the store: from the first on and before the second. */
  readonly all: readonly [Buffer, Buffer];
  /** It is between `existence` and `afterFence`, which one comparison covers. */
  readonly fence: Buffer;
  readonly afterFence: Buffer;
  readonly sum: Buffer;

  constructor(prefix: string) {
    this.#prefix = Buffer.from(prefix);
    this.all = [this.#prefix, afterAll(this.#prefix)];
    this.existence = this.#key('s');
    this.fence = this.#key('s', Buffer.from('fence'));
    this.afterFence = this.#key('t');
    this.sum = this.#key('n');
  }

  entry(key: string): Buffer {
    return this.#key('e', Buffer.from(key));
  }

  /** The bounds of entries from `low` on and before `high`. */
  entries(low: string, high: string | undefined): [Buffer, Buffer] {
    return [this.entry(low), high === undefined ? this.#key('f') : this.entry(high)];
  }

  keyFrom(entry: Buffer): string {
    return entry.toString('utf8', this.#prefix.length + 1);
  }

  expiry(time: number, key: string): Buffer {
    return this.#key('x', eightBytes(time), Buffer.from(key));
  }

  /** The bounds of what expires by that time. */
  expired(time: number): [Buffer, Buffer] {
    return [this.#key('x'), this.#key('x', eightBytes(time + 1))];
  }

  keyFromExpiry(expiry: Buffer): string {
    return expiry.toString('utf8', this.#prefix.length + 9);
  }

  counters(id: string): Buffer {
    return this.#key('n', Buffer.from(id));
  }

  allCounters(): [Buffer, Buffer] {
    return [this.sum, this.#key('o')];
  }

  chunk(set: Buffer, number: number, key: string): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    return this.#key('c', set, bytes, Buffer.from(key));
  }

  chunks(set: Buffer): [Buffer, Buffer] {
    const first = this.#key('c', set);
    return [first, afterAll(first)];
  }

  /** The bounds of the chunks of all sets that were begun before that time. */
  chunksBefore(time: number): [Buffer, Buffer] {
    return [this.#key('c'), this.#key('c', eightBytes(time).subarray(2))];
  }

  fromChunk(chunk: Buffer): { set: Buffer; key: string } {
    const at = this.#prefix.length + 1;
    return { set: chunk.subarray(at, at + SET_BYTES), key: chunk.toString('utf8', at + SET_BYTES + 4) };
  }

  #key(letter: string, ...parts: Buffer[]): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from(letter), ...parts]);
  }
}

export const SET_BYTES = 12;

/** The name of a new set of chunks. */
export function newSet(): Buffer {
  return Buffer.concat([eightBytes(Date.now()).subarray(2), randomBytes(6)]);
}

/** The first key after all those that begin with the prefix. */
function afterAll(prefix: Buffer): Buffer {
  const after = Buffer.from(prefix);
  let at = after.length - 1;
  while (after[at] === 255) at -= 1;
  after[at] = (after[at] as number) + 1;
  return after.subarray(0, at + 1);
}

function eightBytes(time: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(time));
  return bytes;
}

/** The prefix of a store: readable, and unlike that of any other data folder on the same servers. */
export async function storePrefix({ project, generation, folder }: Location, prefix: string): Promise<string> {
  const owner = await storeOwner(folder);
  const readable = project.replace(/[^A-Za-z0-9]/g, '_').slice(0, 20);
  const id = createHash('sha256')
    .update(JSON.stringify([owner, project]))
    .digest('hex')
    .slice(0, 12);
  return `${prefix}${readable}_${id}_${generation}/`;
}
