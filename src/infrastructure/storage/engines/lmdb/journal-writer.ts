import type { Logger } from '../../../../application/ports/logger.js';
import { encodeChanges } from '../../building-blocks/journal/change-frame.js';
import type { Journal } from '../../building-blocks/journal/journal.js';
import type { KeyWrite } from '../../building-blocks/write-group.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { takePages, UPGRADE_PAGES } from './checkpoint/file-room.js';
import type { Shutdown } from './clean-shutdown.js';
import type { Environment } from './environment/environment.js';
import { formatMetadata, METADATA_KEY } from './environment/metadata.js';
import { metadataIn } from './environment/stored-metadata.js';

/** What a writer works on. */
export interface JournaledStore {
  readonly env: Environment;
  readonly shutdown: Shutdown;
  readonly log: Logger;
}

/** Writes changes of a store as frames of its journal. */
export class JournalWriter {
  #isUpgraded: boolean;

  constructor(
    private readonly store: JournaledStore,
    private readonly journal: Journal,
    private readonly checkpoint: Checkpoint,
  ) {
    this.#isUpgraded = metadataIn(store.env).sequence !== undefined;
  }

  /** Resolves with the number of the frame, once it is durable. */
  async write(writes: readonly KeyWrite[]): Promise<number> {
    const { env, shutdown } = this.store;
    if (shutdown.recorded) await shutdown.clear();
    if (!this.#isUpgraded) await this.#upgrade();
    env.requireInPlace();
    const frame = encodeChanges(writes);
    if (!this.journal.isInPlace) await this.#restart(frame);
    return this.journal.append(frame);
  }

  /** Before the first frame: a PortKV that knows no journal must refuse the file. */
  async #upgrade(): Promise<void> {
    const { env } = this.store;
    const upgraded = formatMetadata({ ...metadataIn(env), sequence: 0 });
    await takePages(env, UPGRADE_PAGES);
    await env.commit(() => env.meta.put(METADATA_KEY, upgraded));
    this.#isUpgraded = true;
  }

  /** What was in the journal is in memory: all of it goes into LMDB, and there is room for the next frame. */
  async #restart(frame: readonly Buffer[]): Promise<void> {
    const { env, log } = this.store;
    log.warn({ file: env.file }, 'its journal was taken away or changed by another program; it begins again');
    await this.checkpoint.flush();
    await this.journal.restart();
    await this.journal.reserve(
      frame.reduce((sum, part) => sum + part.length, 0),
      'remove',
    );
  }
}
