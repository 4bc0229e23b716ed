import { entryBytes } from '../../domain/entry.js';
import type { Batch, Store } from '../ports/store.js';
import { RunningCommits } from './running-commits.js';
import { StoreWrapper } from './store-wrapper.js';

/** Checks, before each commit, that the disk has room for its entries. */
export class DiskSpaceStore extends StoreWrapper {
  readonly #requireSpace: (bytes: number) => Promise<void>;
  readonly #running = new RunningCommits();

  /** `requireSpace` rejects with `insufficient_storage` if so many bytes do not fit. */
  constructor(inner: Store, requireSpace: (bytes: number) => Promise<void>) {
    super(inner);
    this.#requireSpace = requireSpace;
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#running.track(this.#commitIfSpace(batch));
  }

  override async close(): Promise<void> {
    await this.#running.ended();
    await this.inner.close();
  }

  async #commitIfSpace(batch: Batch): Promise<boolean> {
    await this.#requireSpace((batch.put ?? []).reduce((sum, entry) => sum + entryBytes(entry), 0));
    return this.inner.commit(batch);
  }
}
