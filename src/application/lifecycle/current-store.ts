import type { DamagedDataError } from '../../domain/errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Logger } from '../ports/logger.js';
import type { ProjectStorage, ReleaseReplaced } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';
import type { ExternalChangeRelay } from './external-change-relay.js';

/** The store that a keyspace uses now, and its exchange for another one. */
export class CurrentStore {
  readonly #keyspace: Keyspace;
  readonly #project: string;
  readonly #log: Logger;
  /** Whether the keyspace was served before its store failed, so that clients may wait for it. */
  readonly wasOpen: boolean;
  /** Why it refuses everything until it is replaced; undefined if it does not. */
  #damage: DamagedDataError | undefined;
  /** Relays what other programs do to it. */
  #relay: ExternalChangeRelay;
  /** Stores that were replaced and are still read from, or being closed. */
  readonly #replaced = new Set<Promise<void>>();
  /** Those of them that are being closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(
    keyspace: Keyspace,
    { project }: Pick<ProjectStorage, 'project'>,
    relay: ExternalChangeRelay,
    damage: DamagedDataError | undefined,
    log: Logger,
  ) {
    this.#keyspace = keyspace;
    this.#project = project;
    this.#log = log;
    this.#damage = damage;
    this.wasOpen = damage === undefined;
    this.#relay = relay;
    relay.relayTo(keyspace.externalChanges);
  }

  get damage(): DamagedDataError | undefined {
    return this.#damage;
  }

  /** Makes a store that could not be opened again refuse everything with that reason until it is replaced. */
  refuseUntilReplaced(damage: DamagedDataError): void {
    this.#keyspace.swappable.rejectAll(damage);
    this.#damage = damage;
  }

  /** Exchanges a store that failed for the same one, opened again. */
  reopened(store: Store, relay: ExternalChangeRelay): void {
    this.#keyspace.swappable.swap(store);
    this.#damage = undefined;
    this.#replaceRelay(relay);
    relay.overflowIfShared();
  }

  /**
   * Makes the store current; the previous one is closed after its last read. One that was never open has nothing to
   * wait for: its files are put aside when this resolves.
   */
  async replace(store: Store, relay: ExternalChangeRelay, release: ReleaseReplaced): Promise<void> {
    this.#replaceRelay(relay);
    const { before, idle } = this.#keyspace.swappable.swap(store);
    const closed = idle
      .then(() => this.#close(before, release))
      .catch((error: unknown) => this.#log.warn({ project: this.#project }, (error as Error).message))
      .finally(() => this.#replaced.delete(closed));
    this.#replaced.add(closed);
    const wasDamaged = this.#damage !== undefined;
    this.#damage = undefined;
    if (wasDamaged) await closed;
  }

  /** Resolves when the replaced stores that nothing reads any more are closed, whether or not that succeeds. */
  async unreadClosed(): Promise<void> {
    await Promise.allSettled(this.#closing);
  }

  /** Resolves when every store that was replaced is closed. */
  async replacedClosed(): Promise<void> {
    await Promise.all(this.#replaced);
  }

  #close(store: Store, release: ReleaseReplaced): Promise<void> {
    const closing = (async () => {
      await store.close();
      await release();
    })();
    this.#closing.add(closing);
    return closing.finally(() => this.#closing.delete(closing));
  }

  #replaceRelay(relay: ExternalChangeRelay): void {
    this.#relay.stop();
    this.#relay = relay;
    relay.relayTo(this.#keyspace.externalChanges);
  }
}
