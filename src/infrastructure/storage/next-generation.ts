import { takeBack } from '../../application/copies/take-back.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Others } from '../../application/ports/others.js';
import type { Store } from '../../application/ports/store.js';
import type { GenerationStores } from './generation-stores.js';
import type { EngineWish, OtherGeneration } from './placement.js';
import type { PlacementRecord } from './placement-record.js';

/** The store that is made beside the one in charge, to take its place: for another engine, or other content. */
export class NextGeneration {
  readonly #project: string;
  readonly #stores: GenerationStores;
  readonly #record: PlacementRecord;
  readonly #log: Logger;

  constructor(project: string, stores: GenerationStores, record: PlacementRecord, log: Logger) {
    this.#project = project;
    this.#stores = stores;
    this.#record = record;
    this.#log = log;
  }

  /** Whether a copy there takes room on the disk. */
  takesRoom(wish: EngineWish): Promise<boolean> {
    return this.#stores.hasFiles({ ...wish, generation: this.#record.now.generation });
  }

  /** Makes an empty store of the next generation beside the present one, where `wish` says. */
  async prepare({ engine, options, encryption }: EngineWish, others: Others): Promise<Store> {
    await this.discard();
    const { generation, kept = [] } = this.#record.now;
    const next = Math.max(generation, ...kept.map((other) => other.generation)) + 1;
    const wish = { engine, options, ...(encryption === undefined ? {} : { encryption }) };
    const preparing = { ...wish, ...(await this.#stores.newKeys(wish)), generation: next };
    await this.#stores.clear(preparing);
    await this.#record.change({ preparing });
    try {
      await this.#stores.create(preparing);
      return await this.#stores.openEmpty(preparing, others);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Removes what a move that failed or was interrupted left behind, in a folder that others share only what is as in `source`. */
  async discard(source?: Store): Promise<void> {
    const { preparing } = this.#record.now;
    if (preparing === undefined || this.#record.abandoned) return;
    await this.#record.settle();
    if (source !== undefined && (await this.#stores.isShared(preparing))) {
      await this.#takeBack(preparing, source).catch((error: unknown) =>
        this.#log.warn({ project: this.#project, error }, 'what was copied to a shared folder stays there'),
      );
    }
    await this.#stores.remove(preparing);
    await this.#record.change({ preparing: undefined });
  }

  async #takeBack(preparing: OtherGeneration, source: Store): Promise<void> {
    const cipher = await this.#stores.cipherOf(preparing);
    const copy = await this.#stores.open(preparing, cipher);
    await takeBack(copy, source).finally(() => copy.close());
  }
}
