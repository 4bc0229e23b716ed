import type { Entry } from '../../domain/entry.js';

/** What another program did to an entry of a store that is shared with it. */
export interface ExternalChange {
  readonly key: string;
  /** Undefined if it was removed. */
  readonly entry: Entry | undefined;
  /** The expiry of a removed entry, if it had one; in ms since 1970. */
  readonly expiredAt?: number | undefined;
}

/**
 * Receives, within a second, what other programs do to a store, and nothing that is done through the store itself. Must
 * not throw.
 */
export interface ExternalChangeListener {
  changed(changes: readonly ExternalChange[]): void;
  /** Anything may have changed. */
  overflowed(): void;
  /** Whether a client waits for changes now. Otherwise a store that is idle may be closed. */
  isWatched(): boolean;
  /** Receives a function that looks for changes; what was done before its call is reported before it resolves. */
  setPoller(poll: () => Promise<void>): void;
  /**
   * Only for a store of encrypted values: whether a value is as it was encrypted for the entry with this version. It
   * shows that no other program wrote the entry, also if the times of its file were changed, as by an archive.
   */
  authenticate?(this: void, entry: Entry): boolean;
}
