import { type Entry, entryBytes } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import type { ExportedEntry } from '../../domain/export/export-line.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { inParts } from '../stores/in-parts.js';
import { requireRoom } from '../stores/quota-store.js';
import { type Batches, type Imported, liveOf, stamped } from './imported-entries.js';

/**
 * Writes the entries while they are read. An error's details say what was written before it: the import can be
 * repeated.
 */
export async function mergeImport(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
  let last: string | undefined;
  try {
    for await (const batch of batches) {
      await inParts(liveOf(keyspace, batch, imported), async (entries) => {
        const keys = entries.map(({ key }) => key);
        const put = await keyspace.write(keys, (current, stamp) => {
          const changed = entries.flatMap((entry, i) =>
            isSame(current[i], entry) ? [] : [stamped(entry, stamp, current[i])],
          );
          return { result: changed.length, put: changed };
        });
        imported.put += put;
        imported.unchanged += entries.length - put;
      });
      last = batch[batch.length - 1]?.entry.key;
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { put, unchanged } = imported;
    const done = last === undefined ? 'nothing was imported' : `what comes up to key '${last}' was imported`;
    const details = { ...error.details, put, unchanged, last_key: last ?? null };
    throw new AppError(error.code, `${error.message} (${done})`, { details, cause: error });
  }
}

/** Counts what `mergeImport` would do. */
export async function countMergeImport(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
  const growth = { keys: 0, bytes: 0 };
  for await (const batch of batches) {
    const entries = liveOf(keyspace, batch, imported);
    const current = await keyspace.getMany(entries.map(({ key }) => key));
    for (const [i, entry] of entries.entries()) {
      const before = current[i];
      imported[isSame(before, entry) ? 'unchanged' : 'put'] += 1;
      growth.keys += before === undefined ? 1 : 0;
      growth.bytes += entryBytes(entry) - (before === undefined ? 0 : entryBytes(before));
    }
  }
  requireRoom(keyspace.rules, await keyspace.store.size(), growth);
}

function isSame(before: Entry | undefined, entry: ExportedEntry): boolean {
  return (
    before !== undefined &&
    before.contentType === entry.contentType &&
    before.expiresAt === entry.expiresAt &&
    before.meta === entry.meta &&
    (entry.createdAt ?? before.createdAt) === before.createdAt &&
    (entry.updatedAt ?? before.updatedAt) === before.updatedAt &&
    Buffer.compare(before.value, entry.value) === 0
  );
}
