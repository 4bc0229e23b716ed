import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { type Entry, entryBytes, isLive } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import type { ExportedEntry, ExportHeader } from '../../domain/export-line.js';
import type { WriteStamp } from '../../domain/operation.js';
import { beyondPrefix, covers } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { replaceContent } from '../keyspace/replace-content.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import { NewDigest } from '../ports/digest.js';
import { QuotaStore, requireRoom } from '../stores/quota-store.js';
import { importBatches } from './import-batches.js';
import { atLine, type NumberedEntry, readExport } from './read-export.js';

/** What an import did or, in a dry run, would do. */
export interface Imported {
  /** Entries in the file. */
  count: number;
  /** Written, with new versions. */
  put: number;
  /** There already with the same value, content type and times: left alone. Only where they are merged. */
  unchanged: number;
  /** Expired since the export, so left out. */
  expired: number;
  /** Gone because the file does not have them. Only where all is replaced. */
  removed?: number;
}

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: boolean;
  /** Who asks, where that confines the keys. */
  readonly identity?: Identity;
}

/** Takes an export back into a project: into what is there, or in place of it. */
@injectable()
export class ImportEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(NewDigest) private readonly newDigest: NewDigest,
  ) {}

  /**
   * Replacing happens at one moment, after the whole export was found sound, or not at all. Merging writes as the entries come;
   * where it fails on the way, the error's details tell what was written (`put`, `unchanged`, `last_key`): repeat it.
   */
  async execute(project: string, chunks: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<Imported> {
    const keyspace = await this.keyspaces.of(project);
    const batches = importBatches(this.#entries(keyspace, chunks, options));
    const imported: Imported = { count: 0, put: 0, unchanged: 0, expired: 0 };
    if (options.dryRun) await (options.mode === 'merge' ? countMerged : countReplaced)(keyspace, batches, imported);
    else if (options.mode === 'merge') await merge(keyspace, batches, imported);
    else await replace(keyspace, await keyspace.staging.stageReplacement(), batches, imported);
    return imported;
  }

  async *#entries(keyspace: Keyspace, chunks: AsyncIterable<Uint8Array>, { mode, identity }: ImportOptions) {
    const accept = (header: ExportHeader) => {
      if (mode === 'merge' || (header.after ?? header.prefix) === undefined) return;
      throw new AppError('invalid', 'is of an export of some keys only (after, prefix); it can only be merged');
    };
    const { rules } = keyspace;
    // Text may be written with escapes, at most three bytes for one.
    const longestLine = 3 * rules.maxValueBytes + 64 * 1024;
    for await (const numbered of readExport(chunks, this.newDigest(), longestLine, accept)) {
      const { entry, line } = numbered;
      try {
        if (identity !== undefined && !covers(identity, entry.key)) throw beyondPrefix(identity, 'write');
        rules.check(stamped(entry, { now: 0, version: () => 0 }));
      } catch (error) {
        throw atLine(error, line);
      }
      yield numbered;
    }
  }
}

type Batches = AsyncIterable<readonly NumberedEntry[]>;

async function merge(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
  let last: string | undefined;
  try {
    for await (const batch of batches) {
      const entries = liveOf(keyspace, batch, imported);
      const keys = entries.map(({ key }) => key);
      const put = await keyspace.write(keys, (current, stamp) => {
        const changed = entries.flatMap((entry, i) =>
          isSame(current[i], entry) ? [] : [stamped(entry, stamp, current[i])],
        );
        return { result: changed.length, put: changed };
      });
      imported.put += put;
      imported.unchanged += entries.length - put;
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

async function countMerged(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
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

/** Fills the next store and, once all of it is known to be sound, puts it in place. */
async function replace(keyspace: Keyspace, next: StagedStore, batches: Batches, imported: Imported): Promise<void> {
  try {
    const limited = new QuotaStore(next.store, () => keyspace.rules);
    let kept = 0;
    for await (const batch of batches) {
      const entries = liveOf(keyspace, batch, imported);
      kept += await countThere(keyspace, entries);
      const put = await stampedAll(keyspace, entries);
      if (put.length > 0) await limited.commit({ put });
    }
    const { keys } = await next.store.size();
    imported.put = keys;
    const { before } = await replaceContent(keyspace, next);
    imported.removed = Math.max(0, before - kept);
  } catch (error) {
    const explained = await next.translateError(error);
    await next.discard();
    throw explained;
  }
}

async function countReplaced(keyspace: Keyspace, batches: Batches, imported: Imported): Promise<void> {
  let kept = 0;
  const growth = { keys: 0, bytes: 0 };
  for await (const batch of batches) {
    const entries = liveOf(keyspace, batch, imported);
    kept += await countThere(keyspace, entries);
    imported.put += entries.length;
    growth.keys += entries.length;
    growth.bytes += entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }
  requireRoom(keyspace.rules, { keys: 0, bytes: 0 }, growth);
  imported.removed = Math.max(0, (await keyspace.swappable.size()).keys - kept);
}

async function countThere(keyspace: Keyspace, entries: readonly ExportedEntry[]): Promise<number> {
  const there = await keyspace.store.getMany(entries.map(({ key }) => key));
  return there.filter((entry) => entry !== undefined).length;
}

/** The entries with versions of their own. */
async function stampedAll({ versions, clock }: Keyspace, entries: readonly ExportedEntry[]): Promise<Entry[]> {
  for (let wait = versions.reserve(entries.length); wait !== undefined; wait = versions.reserve(entries.length))
    await wait;
  const stamp = { now: clock.now(), version: () => versions.next() };
  return entries.map((entry) => stamped(entry, stamp));
}

function liveOf(keyspace: Keyspace, batch: readonly NumberedEntry[], imported: Imported): ExportedEntry[] {
  const now = keyspace.clock.now();
  const live = batch.map(({ entry }) => entry).filter((entry) => isLive(entry, now));
  imported.count += batch.length;
  imported.expired += batch.length - live.length;
  return live;
}

/** The entry as it is stored: with its times where it brings them, and a new version. */
function stamped(entry: ExportedEntry, { now, version }: WriteStamp, before?: Entry): Entry {
  const { key, value, contentType, createdAt, updatedAt, expiresAt } = entry;
  const stored = {
    key,
    value,
    contentType,
    version: version(),
    createdAt: createdAt ?? before?.createdAt ?? now,
    updatedAt: updatedAt ?? now,
  };
  return expiresAt === undefined ? stored : { ...stored, expiresAt };
}

function isSame(before: Entry | undefined, entry: ExportedEntry): boolean {
  return (
    before !== undefined &&
    before.contentType === entry.contentType &&
    before.expiresAt === entry.expiresAt &&
    (entry.createdAt ?? before.createdAt) === before.createdAt &&
    (entry.updatedAt ?? before.updatedAt) === before.updatedAt &&
    Buffer.compare(before.value, entry.value) === 0
  );
}
