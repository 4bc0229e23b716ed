import { CommitRefusedError } from '../../domain/errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { publishReplacement } from '../keyspace/publish-replacement.js';
import type { ProjectStorage } from '../ports/project-storage.js';
import type { Store } from '../ports/store.js';
import type { CurrentStore } from './current-store.js';
import { deferredStore } from './deferred-store.js';
import { ExternalChangeRelay } from './external-change-relay.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { belowEncryption, encryptedLayer } from './store-stack.js';
import { sleep } from './timers.js';

/** How long projects are opened where other servers have put them before reads wait for that, in ms. */
const TIMEOUT = 500;

/** Waits until all have followed, which never rejects, but not for long: those that are late have reads wait. */
export async function followAll(following: Map<Pick<Following, 'deferReads'>, Promise<void>>): Promise<void> {
  const late = new Set(following.keys());
  for (const [one, ended] of following) void ended.then(() => late.delete(one));
  await Promise.race([Promise.all(following.values()), sleep(TIMEOUT)]);
  for (const one of late) one.deferReads();
}

/** Opens the store of a keyspace again: where another server has put it, or after a failure. */
export class Following {
  #running: Promise<void> = Promise.resolve();
  #isDeferred = false;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly storage: ProjectStorage,
    private readonly current: CurrentStore,
    private readonly projects: KeyspaceContext['projects'],
  ) {}

  /** Takes over where another server has put the data. Rejects if that cannot be opened: close the keyspace then. */
  follow(): Promise<void> {
    this.#running = this.#running.catch(() => undefined).then(() => this.#follow());
    return this.#running;
  }

  /** Has reads wait, too, until a `follow` has ended that runs: what was there is not what other servers read. */
  deferReads(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    const running = this.#running.finally(() => {
      this.#isDeferred = false;
    });
    // Reads have the reason; without any, it is known all the same.
    running.catch(() => undefined);
    const store = deferredStore(this.keyspace.swappable, running);
    void this.current.replace(store, new ExternalChangeRelay(), () => undefined);
  }

  /** Opens it after it failed, inside `quiesce`. Calls `opened` in the moment when it can be read. */
  async reopen(opened: () => void): Promise<void> {
    await this.storage.makeDurable();
    await this.storage.follow();
    const { store, relay } = await this.#open();
    this.current.reopened(store, relay);
    opened();
    await this.storage.place.whenFollowed();
  }

  async #follow(): Promise<void> {
    if (!(await this.storage.follow())) return;
    await new Promise<void>((followed, failed) => {
      const switching = this.keyspace.swappable.quiesce(async () => {
        const { store, relay } = await this.#open();
        await this.current.replace(store, relay, () => undefined);
        // The caller holds the registry. A change of the record may wait for that, and what follows for the record.
        followed();
        await publishReplacement(this.keyspace);
        // Until then others may still read where the data was: nothing may be committed that they would miss.
        await this.storage.place.whenFollowed();
      });
      switching.catch(failed);
    });
  }

  /** Opens it where it is by now: another server may put it elsewhere meanwhile. */
  async #open(): Promise<{ readonly store: Store; readonly relay: ExternalChangeRelay }> {
    for (;;) {
      const moved = this.projects.get(this.storage.project)?.storage.encryption;
      const relay = new ExternalChangeRelay();
      const store = encryptedLayer(await this.storage.open(belowEncryption(relay), moved));
      if (!this.keyspace.closed && !this.storage.place.isLeft) return { store, relay };
      await store.close();
      if (this.keyspace.closed) throw new CommitRefusedError('The project was closed meanwhile');
      await this.storage.follow();
    }
  }
}
