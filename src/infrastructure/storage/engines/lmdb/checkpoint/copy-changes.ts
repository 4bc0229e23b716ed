import { encodeRecord } from '../../../building-blocks/entry-record.js';
import type { Environment } from '../environment/environment.js';
import { formatMetadata, METADATA_KEY } from '../environment/metadata.js';
import { pagesFor, takePages } from './file-room.js';
import type { SealedLayer } from './pending-layers.js';

const NO_VALUE = Buffer.alloc(0);

/**
 * Copies changes into LMDB as one transaction, durably. To do it again is harmless: each change says what its key is
 * afterwards. Rejects with `NoRoomError`, with nothing attempted, if the disk has no room for it.
 */
export async function copyChanges(env: Environment, { changes, metadata }: SealedLayer): Promise<void> {
  const { entries, expiry, meta } = env;
  const writes = changes.writes();
  const records = writes.map(({ entry }) => entry && encodeRecord(entry));
  const formatted = formatMetadata(metadata);
  await takePages(env, pagesFor(env, writes, records));
  // Nothing in here may throw, or lmdb would commit what came before: the keys are checked and encoded by now.
  await env.commit(() => {
    for (const [i, { key, before, entry }] of writes.entries()) {
      const record = records[i];
      if (before?.expiresAt !== undefined && before.expiresAt !== entry?.expiresAt) {
        expiry.remove({ expiresAt: before.expiresAt, key });
      }
      if (record !== undefined) entries.put(key, record);
      else if (before !== undefined) entries.remove(key);
      if (entry?.expiresAt !== undefined && entry.expiresAt !== before?.expiresAt) {
        expiry.put({ expiresAt: entry.expiresAt, key }, NO_VALUE);
      }
    }
    meta.put(METADATA_KEY, formatted);
  });
}
