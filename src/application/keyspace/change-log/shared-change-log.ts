import type { Change } from '../../../domain/change.js';
import { AppError } from '../../../domain/errors.js';
import type { CommitLog } from '../../ports/commit-log.js';
import type { ChangeFeed, ChangeListener, PendingChanges } from './change-feed.js';
import { FollowedLog } from './followed-log.js';

/** The time without a reader after which the store is not read any longer, and how often that is looked at, in ms. */
const UNUSED = 60_000;
const CHECK_INTERVAL = 10_000;

export interface SharedChangeSource {
  /** The log of the present store. */
  commitLog(): CommitLog | undefined;
  /** The same changes, with the entries that were put as far as they are current. */
  withEntries(changes: readonly Change[]): Promise<readonly Change[]>;
}

/**
 * The changes of a project to which several servers write, in the order of its store's log of commits. That is read
 * only while a client asks for changes. A token is a position of the store, good at each of the servers.
 */
export class SharedChangeLog implements ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  readonly #log: FollowedLog;
  #timer: NodeJS.Timeout | undefined;
  #usedAt = 0;
  #closed = false;

  constructor({ commitLog, withEntries }: SharedChangeSource) {
    this.#log = new FollowedLog({
      commitLog,
      complete: async (changes) => {
        const wantsEntries = [...this.#listeners].some((it) => it.wantsEntries === true);
        return wantsEntries ? withEntries(changes) : changes;
      },
      published: (changes) => this.#notify((listener) => listener.changed(changes)),
      missed: () => this.#notify((listener) => listener.overflowed()),
    });
  }

  /** Rejects with `unavailable` if the store does not answer. */
  async start(): Promise<void> {
    this.#use();
    if (this.#closed) throw new AppError('unavailable', 'The project is not served here any more: try again');
    this.#timer ??= setInterval(() => this.#stopIfUnused(), CHECK_INTERVAL).unref();
    await this.#log.catchUp();
  }

  /** Call it when the store was replaced: its log is read from then on. */
  storeReplaced(): void {
    this.#log.storeReplaced();
  }

  get position(): number {
    this.#use();
    return this.#log.commits.last;
  }

  tokenOf(position: number): string {
    return this.#log.commits.tokenOf(position);
  }

  /** Rejects with `unavailable` if the store does not answer. */
  async positionOf(token: string): Promise<number | undefined> {
    await this.start();
    const { commits } = this.#log;
    const position = commits.unknownPositionIn(token);
    if (position !== undefined && !(await this.#log.find(position))) return undefined;
    return commits.ordinalOf(token);
  }

  after(position: number, limit: number): readonly Change[] | undefined {
    this.#use();
    return this.#log.commits.after(position, limit);
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: ChangeListener): () => void {
    if (this.#closed) listener.closed();
    else this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      this.#use();
    };
  }

  /** The log of the store has each commit: writes need not be reported here. */
  begin(first: number, last = first): PendingChanges {
    return { first, last, changes: undefined };
  }

  end(): void {}

  /** A store with other content has another log, which does not know the positions of the one before. */
  endWithGap(): void {}

  insert(): boolean {
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#notify((listener) => listener.closed());
    this.#listeners.clear();
  }

  #notify(call: (listener: ChangeListener) => void): void {
    for (const listener of [...this.#listeners]) call(listener);
  }

  #use(): void {
    this.#usedAt = performance.now();
  }

  #stopIfUnused(): void {
    if (!this.isWatched && performance.now() - this.#usedAt > UNUSED) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#log.stop();
  }
}
