import type { Logger } from '../../../../application/ports/logger.js';
import { decodeChanges, type FrameChange } from '../../building-blocks/journal/change-frame.js';
import { Journal } from '../../building-blocks/journal/journal.js';
import type { FrameVisitor } from '../../building-blocks/journal/read-journal.js';
import type { CheckpointOptions } from './checkpoint/checkpoint.js';
import { type Environment, journalFolder } from './environment/environment.js';
import { METADATA_KEY, parseMetadata } from './environment/metadata.js';
import { LmdbStore, type PendingFrame, type Shutdown } from './lmdb-store.js';

/** Segments of a new journal have this size at first. */
const SMALL_SEGMENT = 64 * 1024;

/** How a store is written. */
export interface JournalStoreOptions extends CheckpointOptions {
  readonly segment_bytes: number;
}

/** Opens the journal of an environment, with what LMDB does not contain. Rejects with `unavailable`. */
export async function openStore(
  folder: string,
  env: Environment,
  options: JournalStoreOptions,
  shutdown: Shutdown,
  log: Logger,
): Promise<LmdbStore> {
  const { pending, visit } = pendingFrames();
  const journal = await Journal.open(
    {
      folder: journalFolder(folder),
      segmentBytes: Math.min(SMALL_SEGMENT, options.segment_bytes),
      maxSegmentBytes: options.segment_bytes,
      after: lastFrameIn(env),
      log,
    },
    visit,
  );
  return new LmdbStore({ env, journal, pending, options, shutdown, log });
}

/** The number of the last frame of the journal that LMDB contains. */
export function lastFrameIn(env: Environment): number {
  return parseMetadata(env.meta.getBinary(METADATA_KEY) ?? Buffer.alloc(0)).sequence ?? 0;
}

/** A list, and what adds a frame to it. */
export function pendingFrames(): { readonly pending: readonly PendingFrame[]; readonly visit: FrameVisitor } {
  const pending: PendingFrame[] = [];
  const visit: FrameVisitor = (payload, sequence) => {
    const changes: FrameChange[] = [];
    decodeChanges(payload, (change) => changes.push(change));
    pending.push({ changes, sequence });
  };
  return { pending, visit };
}
