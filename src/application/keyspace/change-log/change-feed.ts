import type { Change } from '../../../domain/change.js';
import type { Awaitable } from '../../awaitable.js';

/** A running write: its place in the order of versions is taken, but its outcome is not known yet. */
export interface PendingChanges {
  /** The versions issued for the write. */
  readonly first: number;
  readonly last: number;
  changes: readonly Change[] | undefined;
  /** The highest version of changes that happened and are not published one by one. */
  gap?: number;
}

/** Receives changes in their order. Must not throw. */
export interface ChangeListener {
  /** Whether changes should have the entries that were put. Those of this process have them anyway. */
  readonly wantsEntries?: boolean;
  /** All changes of one write, or of several. */
  changed(changes: readonly Change[]): void;
  /** Some changes are not published one by one: the listener must read everything again. */
  overflowed(): void;
  /** The project is not served any more. */
  closed(): void;
}

/**
 * The changes of a project, in one order. A position in it is a number that is good in this process; a token is the
 * same for clients.
 */
export interface ChangeFeed {
  /** Call it before the others, except for those of writes: what happens from then on is published. */
  start(): Awaitable<void>;
  /** That of the last change published. */
  readonly position: number;
  tokenOf(position: number): string;
  /** The position of a token; undefined if changes after it are not known. */
  positionOf(token: string): Awaitable<number | undefined>;
  /** The first changes after a position, without their entries; undefined if they are not known any more. */
  after(position: number, limit: number): readonly Change[] | undefined;

  readonly isWatched: boolean;
  /** Returns a function that ends the subscription. */
  subscribe(listener: ChangeListener): () => void;

  /**
   * Takes the next place for a write. Call it in the same turn of the event loop in which all versions of the write are
   * issued.
   */
  begin(first: number, last?: number): PendingChanges;
  /** Ends a write with its changes; without any if it failed. */
  end(pending: PendingChanges, changes: readonly Change[]): void;
  /**
   * Ends a write with too many changes to publish: every reader must load again. `version` is the highest one issued
   * for it.
   */
  endWithGap(pending: PendingChanges, version: number): void;
  /**
   * Publishes a change whose version another program issued, in its place. False, publishing nothing, if a later one
   * was published.
   */
  insert(change: Change): boolean;

  close(): void;
}
