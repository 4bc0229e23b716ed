import { type Entry, entryBytes } from '../../domain/entry.js';
import type { ExportedEntry } from '../../domain/export/export-line.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { afterDiscard, readReplaced, replaceContent } from '../keyspace/replace-content.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import { inParts } from '../stores/in-parts.js';
import { QuotaStore, requireRoom } from '../stores/quota-store.js';
import { type Batches, type Imported, liveOf, stamped } from './imported-entries.js';

/** Fills the staged store and activates it after the last entry was read and found valid. Otherwise nothing changes. */
export async function replaceImport(
  keyspace: Keyspace,
  staged: StagedStore,
  batches: Batches,
  imported: Imported,
): Promise<void> {
  try {
    const limited = new QuotaStore(staged.store, () => keyspace.rules);
    let existing: number | undefined = 0;
    for await (const batch of batches) {
      const entries = liveOf(keyspace, batch, imported);
      existing = await addExisting(existing, keyspace, entries);
      const put = await stampedAll(keyspace, entries);
      if (put.length > 0) await inParts(put, (part) => limited.commit({ put: part }));
    }
    const { keys } = await staged.store.size();
    imported.put = keys;
    const { before, kept } = await replaceContent(keyspace, staged, existing === undefined);
    setRemoved(imported, before, existing);
    if (kept.length > 0) imported.kept = kept;
  } catch (error) {
    const translated = await staged.translateError(error);
    throw await afterDiscard(staged, translated);
  }
}

/** Counts what `replaceImport` would do. */
export async function countReplaceImport(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
  let existing: number | undefined = 0;
  const growth = { keys: 0, bytes: 0 };
  for await (const batch of batches) {
    const entries = liveOf(keyspace, batch, imported);
    existing = await addExisting(existing, keyspace, entries);
    imported.put += entries.length;
    growth.keys += entries.length;
    growth.bytes += entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }
  requireRoom(keyspace.rules, { keys: 0, bytes: 0 }, growth);
  const before = await readReplaced(keyspace.swappable, () => keyspace.swappable.size());
  setRemoved(imported, before?.keys, existing);
}

/** The sum with how many of these entries exist; undefined if the content is damaged, which cannot be counted. */
async function addExisting(
  sum: number | undefined,
  { store, swappable }: Keyspace,
  entries: readonly ExportedEntry[],
): Promise<number | undefined> {
  if (sum === undefined) return undefined;
  const existing = await readReplaced(swappable, () => store.getMany(entries.map(({ key }) => key)));
  return existing && sum + existing.filter((entry) => entry !== undefined).length;
}

function setRemoved(imported: Imported, before: number | undefined, existing: number | undefined): void {
  if (before !== undefined && existing !== undefined) imported.removed = Math.max(0, before - existing);
}

/** The entries with new versions. */
async function stampedAll({ versions, clock }: Keyspace, entries: readonly ExportedEntry[]): Promise<Entry[]> {
  for (let wait = versions.reserve(entries.length); wait !== undefined; wait = versions.reserve(entries.length))
    await wait;
  const stamp = { now: clock.now(), version: () => versions.next() };
  return entries.map((entry) => stamped(entry, stamp));
}
