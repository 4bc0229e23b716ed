import { entryBytes } from '../../domain/entry.js';
import type { NumberedEntry } from './read-export.js';

/** About how many bytes of keys and values a batch has, and how many entries at most. */
const BATCH_BYTES = 1024 * 1024;
const MAX_ENTRIES = 500;

/**
 * Entries in batches for one commit each; no key occurs twice in a batch. Entries before a failure are yielded before
 * it is thrown.
 */
export async function* importBatches(entries: AsyncIterable<NumberedEntry>): AsyncGenerator<readonly NumberedEntry[]> {
  let batch = new Map<string, NumberedEntry>();
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const numbered of entries) {
      const { entry } = numbered;
      if (batch.has(entry.key) || batch.size === MAX_ENTRIES || bytes + entryBytes(entry) > BATCH_BYTES) {
        if (batch.size > 0) yield [...batch.values()];
        batch = new Map();
        bytes = 0;
      }
      batch.set(entry.key, numbered);
      bytes += entryBytes(entry);
    }
  } catch (error) {
    failure = { error };
  }
  if (batch.size > 0) yield [...batch.values()];
  if (failure !== undefined) throw failure.error;
}
