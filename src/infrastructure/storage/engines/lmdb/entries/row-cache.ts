import { GenerationalCache } from '../../../../../application/generational-cache.js';
import { type PackedEntry, packedBytes } from '../../../building-blocks/packed-entry.js';

/** What an entry takes in memory beside its key and content, in bytes. */
const OVERHEAD_BYTES = 300;

/**
 * Entries that are in use, so that they are neither looked up nor decoded again. Takes about `bytes` of memory at most.
 */
export class RowCache extends GenerationalCache<PackedEntry> {
  constructor(bytes: number) {
    super(bytes, {
      weigh: (packed, key) => OVERHEAD_BYTES + key.length + packedBytes(packed),
      heaviest: bytes / 32,
    });
  }
}
