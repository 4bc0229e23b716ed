import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import type { AppError } from '../../../domain/errors.js';
import type { ClosedState } from './closed-state.js';
import type { StorePool } from './store-pool.js';

export interface OnDemandOptions {
  /** Named in messages. */
  readonly project: string;
  readonly pool: StorePool;
  readonly log: Logger;
  /** Opens the store as it is on the disk. */
  open(listener: ExternalChangeListener | undefined): Promise<Store>;
  /** What is known of it if it need not be opened before it is used. */
  closedState(): Promise<ClosedState | undefined>;
  /** Called with the reason if it was closed while idle and cannot be opened again. */
  onUnavailable(error: AppError): void;
}

type Poll = () => Promise<void>;

/** Relays changes of other programs, which are looked for in the open store: `pollLater` opens it first. */
export function relayWhileOpen(
  listener: ExternalChangeListener,
  pollLater: (poll: Poll) => Poll,
): ExternalChangeListener {
  const { authenticate } = listener;
  return {
    ...(authenticate === undefined ? {} : { authenticate }),
    changed: (changes) => listener.changed(changes),
    overflowed: () => listener.overflowed(),
    isWatched: () => listener.isWatched(),
    setPoller: (poll) => listener.setPoller(pollLater(poll)),
  };
}
