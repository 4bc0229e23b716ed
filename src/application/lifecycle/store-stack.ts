import type { Quota } from '../ports/entry-rules.js';
import type { ExternalChangeListener } from '../ports/external-changes.js';
import type { ListenerFactory, OpenedStore } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';
import { decryptExternalChanges, EncryptedStore } from '../stores/encrypted-store.js';
import { QuotaStore } from '../stores/quota-store.js';
import { RepeatingStore } from '../stores/repeating-store.js';
import { ReservingStore } from '../stores/reserving-store.js';
import { SwappableStore } from '../stores/swappable-store.js';

/*
 * The stores of an open project, one around the other, from the disk upward:
 *
 *   engine      keeps the entries; of encrypted ones it sees only ciphertext
 *   reserving   checks the limit of a commit for an engine that only this process uses
 *   encrypted   belongs to the engine's data: a migration may change the key, or turn encryption on or off
 *   swappable   replaces those below it while in use: commits wait for a moment, reads never do
 *   repeating   if several servers have the project: makes commits again that met the fence of a move
 *   quota       outermost: has each commit keep to what the project may hold
 */

/** The lowest layers: what the swappable store holds and swaps. */
export function encryptedLayer({ store, cipher, checksLimit }: OpenedStore): Store {
  const limited = checksLimit ? store : new ReservingStore(store);
  return cipher === undefined ? limited : new EncryptedStore(limited, cipher);
}

/** A listener below the encrypted layer for one above it. */
export function belowEncryption(listener: ExternalChangeListener): ListenerFactory {
  return (cipher) => (cipher === undefined ? listener : decryptExternalChanges(listener, cipher));
}

/** The upper layers around it; `onFailure` is called with the first commit whose outcome is unknown. */
export function storeStack(
  store: Store,
  quota: () => Quota,
  { isShared = false, onFailure }: { readonly isShared?: boolean; onFailure?(error: unknown): void } = {},
) {
  const swappable = new SwappableStore(store, onFailure);
  return { swappable, store: new QuotaStore(isShared ? new RepeatingStore(swappable) : swappable, quota) };
}
