import type { Store } from '../../../application/ports/store.js';

/** What is known of a store while it is closed. */
export interface ClosedState {
  readonly size: Awaited<ReturnType<Store['size']>>;
  readonly unreadable: readonly string[];
  /** The earliest expiry, infinite if no entry expires. */
  readonly nextExpiry: number;
}

const none = () => undefined;

/** What has to be known of a store before it is closed. */
export async function closedStateOf(store: Store): Promise<ClosedState> {
  const [first] = await store.expiring(Number.MAX_SAFE_INTEGER, 1);
  // One that cannot be read is not swept anyway.
  const entry =
    first === undefined
      ? undefined
      : await Promise.resolve(first)
          .then((key) => store.get(key))
          .catch(none);
  return {
    size: await store.size(),
    unreadable: store.unreadable(),
    nextExpiry: entry?.expiresAt ?? Number.POSITIVE_INFINITY,
  };
}
