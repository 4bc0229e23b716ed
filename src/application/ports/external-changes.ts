import type { Entry } from '../../domain/entry.js';

/** What another program did to an entry of a store that is shared with it. */
export interface ExternalChange {
  readonly key: string;
  /** Undefined where it is gone. */
  readonly entry: Entry | undefined;
  /** Whether what is gone had an expiry, and which; in ms since 1970. */
  readonly expiredAt?: number | undefined;
}

/** Hears what others do to a store within a second, and nothing of what is done through the store itself. Must not throw. */
export interface ExternalChangeListener {
  changed(changes: readonly ExternalChange[]): void;
  /** Anything may have changed. */
  overflowed(): void;
  /** Given how to look for what they did until then, which is told before it resolves. */
  setPoller(look: () => Promise<void>): void;
}
