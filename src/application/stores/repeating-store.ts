import { StoreFencedError } from '../../domain/errors.js';
import type { Batch } from '../ports/store.js';
import { StoreWrapper } from './store-wrapper.js';

/** How long a commit is repeated while the store is fenced, in ms. */
const TIMEOUT = 10_000;
const PAUSE = 20;

/**
 * Repeats commits that a fence refused: another server moves the project, and the store below is soon swapped for the
 * one where it is then, or the fence is removed.
 */
export class RepeatingStore extends StoreWrapper {
  async commit(batch: Batch): Promise<boolean> {
    for (const since = performance.now(); ; ) {
      try {
        return await this.inner.commit(batch);
      } catch (error) {
        if (!(error instanceof StoreFencedError) || performance.now() - since > TIMEOUT) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
