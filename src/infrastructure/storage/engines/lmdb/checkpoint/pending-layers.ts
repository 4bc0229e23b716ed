import type { Metadata } from '../environment/metadata.js';
import { PendingChanges } from './pending-changes.js';

/** What LMDB will take over, and what the store then holds. */
export interface SealedLayer {
  readonly changes: PendingChanges;
  readonly metadata: Metadata;
}

/**
 * What is committed and not in LMDB, in up to two layers over it: the lower one is sealed, to be copied, and the upper
 * one gets what is committed meanwhile.
 */
export class PendingLayers {
  #upper = new PendingChanges();
  #lower: SealedLayer | undefined;

  get isEmpty(): boolean {
    return this.#lower === undefined && this.#upper.keys === 0;
  }

  /** How many keys are committed and not sealed. */
  get unsealedKeys(): number {
    return this.#upper.keys;
  }

  /** How many keys are removed by what is committed and not sealed. */
  get unsealedRemovals(): number {
    return this.#upper.removedKeys;
  }

  /** From the lowest to the highest. */
  get all(): readonly PendingChanges[] {
    const upper = this.#upper.keys === 0 ? [] : [this.#upper];
    return this.#lower === undefined ? upper : [this.#lower.changes, ...upper];
  }

  /** The layer that decides about a key; undefined if LMDB does. */
  of(key: string): PendingChanges | undefined {
    if (this.#upper.has(key)) return this.#upper;
    return this.#lower?.changes.has(key) ? this.#lower.changes : undefined;
  }

  add(...written: Parameters<PendingChanges['apply']>): void {
    this.#upper.apply(...written);
  }

  /** The lower layer. If there is none, the upper one is sealed; `metadata` is what the store holds now. */
  seal(metadata: Metadata): SealedLayer {
    if (this.#lower === undefined) {
      this.#lower = { changes: this.#upper, metadata: { ...metadata, sequence: this.#upper.sequence } };
      this.#upper = new PendingChanges();
    }
    return this.#lower;
  }

  /** LMDB has the lower layer. */
  dropSealed(): void {
    this.#lower = undefined;
  }
}
