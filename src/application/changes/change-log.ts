import type { Change } from '../../domain/change.js';

/** A write under way: its place in the order of versions is taken, its changes are not known to have happened yet. */
export interface PendingChanges {
  changes: readonly Change[] | undefined;
}

/**
 * Publishes what changed in the order of versions: a change waits until every write with a lower version has ended, whatever
 * its outcome.
 */
export class ChangeLog {
  readonly #pending: PendingChanges[] = [];
  readonly #listeners = new Set<(change: Change) => void>();

  /** Takes the next place. Call it in the same turn of the event loop in which the versions are issued. */
  begin(): PendingChanges {
    const pending: PendingChanges = { changes: undefined };
    this.#pending.push(pending);
    return pending;
  }

  /** Ends a write with the changes it made, none where it failed. */
  end(pending: PendingChanges, changes: readonly Change[]): void {
    pending.changes = changes;
    while (this.#pending[0]?.changes !== undefined) {
      for (const change of this.#pending[0].changes) {
        for (const listener of this.#listeners) listener(change);
      }
      this.#pending.shift();
    }
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
