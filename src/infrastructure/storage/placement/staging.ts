import { undoCopy } from '../../../application/migrations/undo-copy.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { ListenerFactory, OpenedStore } from '../../../application/ports/project-storage.js';
import type { Store } from '../../../application/ports/store.js';
import type { DataFolderContext, SharedPlacements } from './data-folder-context.js';
import type { GenerationStores } from './generation-stores.js';
import type { GenerationSpec, StorageSpec } from './placement.js';
import type { PlacementFile } from './placement-file.js';

/** The store that is made beside the current one, to take its place: for another engine, or other content. */
export class Staging {
  readonly #project: string;
  readonly #stores: GenerationStores;
  readonly #record: PlacementFile;
  readonly #log: Logger;
  readonly #shared: SharedPlacements | undefined;

  constructor(
    project: string,
    stores: GenerationStores,
    record: PlacementFile,
    { log, shared }: Pick<DataFolderContext, 'log' | 'shared'>,
  ) {
    this.#project = project;
    this.#stores = stores;
    this.#record = record;
    this.#log = log;
    this.#shared = shared;
  }

  /** Whether a copy there takes room on the disk. */
  usesDisk(wish: StorageSpec): Promise<boolean> {
    return this.#stores.hasFiles({ ...wish, generation: this.#record.current.generation });
  }

  /** Makes an empty store of the next generation beside the present one, where `wish` says. */
  async stage(spec: StorageSpec, listenerOf: ListenerFactory): Promise<OpenedStore> {
    await this.discard();
    const place = { ...(await ownerOf(spec, this.#stores, this.#shared)), generation: await this.#newGeneration(spec) };
    const preparing = { ...spec, ...(await this.#stores.newKeys(spec)), ...place };
    await this.#record.change({ preparing });
    try {
      await this.#stores.create(preparing);
      return await this.#stores.openEmpty(preparing, listenerOf);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** The first one of which nothing exists: files that nothing is known of stay where they are. */
  async #newGeneration(spec: StorageSpec): Promise<number> {
    if (this.#shared !== undefined) return this.#shared.newGeneration();
    const { generation: current, kept = [] } = this.#record.current;
    let generation = Math.max(current, ...kept.map((other) => other.generation)) + 1;
    while ((await this.#stores.existingFiles({ ...spec, generation })).length > 0) generation++;
    return generation;
  }

  /**
   * Removes what a move that failed or was interrupted left behind, in a folder that others share only what is as in
   * `source`.
   */
  async discard(source?: Store): Promise<void> {
    const { preparing, kept = [] } = this.#record.current;
    if (preparing === undefined || this.#record.abandoned) return;
    // A rollback that failed: what it would have gone back to stays.
    if (kept.some(({ generation }) => generation === preparing.generation)) {
      return this.#record.change({ preparing: undefined });
    }
    await this.#record.makeDurable();
    if (source !== undefined && (await this.#stores.isShared(preparing))) {
      await this.#undoCopy(preparing, source).catch((error: unknown) =>
        this.#log.warn({ project: this.#project, error }, 'what was copied to a shared folder stays there'),
      );
    }
    await this.#stores.remove(preparing);
    await this.#record.change({ preparing: undefined });
  }

  async #undoCopy(preparing: GenerationSpec, source: Store): Promise<void> {
    const copy = await this.#stores.open(preparing);
    await undoCopy(copy, source).finally(() => copy.close());
  }
}

/** Of several servers, the one that alone has a store of that kind; nothing if all reach it. */
export async function ownerOf(
  spec: StorageSpec,
  stores: Pick<GenerationStores, 'checksLimit'>,
  shared: SharedPlacements | undefined,
): Promise<Pick<GenerationSpec, 'node'>> {
  if (shared === undefined || (await stores.checksLimit(spec))) return {};
  return { node: shared.node };
}
