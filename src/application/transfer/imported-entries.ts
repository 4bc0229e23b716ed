import { type Entry, entryOf, isLive } from '../../domain/entry.js';
import type { ExportedEntry } from '../../domain/export/export-line.js';
import type { WriteStamp } from '../../domain/operation.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { NumberedEntry } from './read-export.js';

/** What an import did or, in a dry run, would do. */
export interface Imported {
  /** Entries in the file. */
  count: number;
  /** Entries that were written, with new versions. */
  put: number;
  /** Entries that existed with the same value, content type, metadata and times. Only in mode `merge`. */
  unchanged: number;
  /** Entries that were left out because they expired since the export. */
  expired: number;
  /**
   * Entries that were removed because the file does not have them. Only in mode `replace`, if the project shows its
   * keys, and if its data was not damaged.
   */
  removed?: number;
  /**
   * The names, in the data folder, that damaged files got, which were put aside. Only in mode `replace`, and for
   * callers with the scope `admin`.
   */
  kept?: readonly string[];
}

/** The entries of an import, batch by batch. */
export type Batches = AsyncIterable<readonly NumberedEntry[]>;

/** The entries of a batch that have not expired. Adds both numbers to `imported`. */
export function liveOf(keyspace: Keyspace, batch: readonly NumberedEntry[], imported: Imported): ExportedEntry[] {
  const now = keyspace.clock.now();
  const live = batch.map(({ entry }) => entry).filter((entry) => isLive(entry, now));
  imported.count += batch.length;
  imported.expired += batch.length - live.length;
  return live;
}

/** The entry as it is stored: with its own times if it has them, and a new version. */
export function stamped(entry: ExportedEntry, { now, version }: WriteStamp, before?: Entry): Entry {
  const { key, value, contentType, createdAt, updatedAt, expiresAt, meta } = entry;
  return entryOf({
    key,
    value,
    contentType,
    version: version(),
    createdAt: createdAt ?? before?.createdAt ?? now,
    updatedAt: updatedAt ?? now,
    expiresAt,
    meta,
  });
}
