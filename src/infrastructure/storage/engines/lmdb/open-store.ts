import type { Logger } from '../../../../application/ports/logger.js';
import { Journal } from '../../building-blocks/journal/journal.js';
import type { SegmentReserve } from '../../building-blocks/journal/segment-reserve.js';
import { checkBeforeOpen } from './check-before-open.js';
import type { CheckpointOptions } from './checkpoint/checkpoint.js';
import { reserveFirstWrite } from './checkpoint/reserve-first-write.js';
import type { Shutdown } from './clean-shutdown.js';
import { type Environment, journalFolder } from './environment/environment.js';
import { lastFrameIn, metadataIn } from './environment/stored-metadata.js';
import { LmdbStore } from './lmdb-store.js';
import { pendingFrames } from './pending-frames.js';

/** Segments of a new journal have this size at first. */
const SMALL_SEGMENT = 64 * 1024;

/** How a store is written. */
export interface JournalStoreOptions extends CheckpointOptions {
  readonly segment_bytes: number;
  readonly check_timeout: number;
}

/** What a store is opened with beside its environment. */
export interface StoreSurroundings {
  readonly shutdown: Shutdown;
  /** For what only removes, when the disk is full. */
  readonly reserve?: SegmentReserve | undefined;
  readonly log: Logger;
}

/** Opens the journal of an environment, with what LMDB does not contain. Rejects with `unavailable`. */
export async function openStore(
  folder: string,
  env: Environment,
  options: JournalStoreOptions,
  { shutdown, reserve, log }: StoreSurroundings,
): Promise<LmdbStore> {
  const { pending, visit } = pendingFrames();
  const journal = await Journal.open(
    {
      folder: journalFolder(folder),
      segmentBytes: Math.min(SMALL_SEGMENT, options.segment_bytes),
      maxSegmentBytes: options.segment_bytes,
      after: lastFrameIn(env),
      reserve,
      log,
    },
    visit,
  );
  if (metadataIn(env).sequence === undefined) {
    const reserveRoom = async () => {
      if (shutdown.recorded) await shutdown.clear();
      await reserveFirstWrite(env, journal);
    };
    await reserveRoom().catch((error: unknown) => {
      log.warn({ file: env.file, error }, 'there is no room for the first write to a store of an earlier version');
    });
  }
  const checkFiles = (signal: AbortSignal) => checkBeforeOpen(folder, options.check_timeout * 1000, log, signal);
  return new LmdbStore({ env, writing: { journal, checkFiles }, pending, options, shutdown, log });
}
