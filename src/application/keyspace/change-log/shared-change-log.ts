import type { Change } from '../../../domain/change.js';
import { AppError } from '../../../domain/errors.js';
import type { CommitLog, CommitPage } from '../../ports/commit-log.js';
import type { ChangeFeed, ChangeListener, PendingChanges } from './change-feed.js';
import { KEPT } from './change-history.js';
import { CommitTail } from './commit-tail.js';
import { earlierCommits } from './earlier-commits.js';
import { NumberedCommits } from './numbered-commits.js';
import { pageParts } from './page-parts.js';

/** How long a reader waits until what was committed before its request was read, in ms; what is late comes later. */
const CATCH_UP_TIMEOUT = 2_000;
/** The time without a reader after which the store is not read any longer, and how often that is looked at, in ms. */
const UNUSED = 60_000;
const CHECK_INTERVAL = 10_000;
/** About how many bytes of values are published together. */
const MAX_BYTES = 4 * 1024 * 1024;

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
  readonly #source: SharedChangeSource;
  readonly #listeners = new Set<ChangeListener>();
  readonly #commits = new NumberedCommits();
  #tail: CommitTail | undefined;
  #timer: NodeJS.Timeout | undefined;
  #usedAt = 0;
  #hasGap = false;
  #closed = false;
  readonly #onProgress = new Set<() => void>();
  /** One reader at a time looks for commits before those that are known. */
  #finding: Promise<unknown> = Promise.resolve();

  constructor(source: SharedChangeSource) {
    this.#source = source;
  }

  /** Rejects with `unavailable` if the store does not answer. */
  async start(): Promise<void> {
    this.#use();
    const log = this.#log();
    if (this.#tail === undefined && !this.#closed) {
      this.#tail = new CommitTail({
        commitLog: () => this.#source.commitLog(),
        position: () => this.#commits.end,
        onPage: (page, signal) => this.#take(page, signal),
        onGap: () => this.#restart(),
      });
      this.#timer = setInterval(() => this.#stopIfUnused(), CHECK_INTERVAL).unref();
    }
    await this.#reached(await log.end());
    if (this.#commits.end === undefined) {
      throw new AppError('unavailable', 'The store does not say what is committed: try again');
    }
  }

  get position(): number {
    this.#use();
    return this.#commits.last;
  }

  tokenOf(position: number): string {
    return this.#commits.tokenOf(position);
  }

  /** Rejects with `unavailable` if the store does not answer. */
  async positionOf(token: string): Promise<number | undefined> {
    await this.start();
    const position = this.#commits.unknownPositionIn(token);
    if (position !== undefined && !(await this.#find(position))) return undefined;
    return this.#commits.ordinalOf(token);
  }

  after(position: number, limit: number): readonly Change[] | undefined {
    this.#use();
    return this.#commits.after(position, limit);
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
    for (const listener of [...this.#listeners]) listener.closed();
    this.#listeners.clear();
  }

  #log(): CommitLog {
    const log = this.#source.commitLog();
    if (log === undefined) throw new AppError('unavailable', 'The store has no log of commits');
    return log;
  }

  #use(): void {
    this.#usedAt = performance.now();
  }

  #stopIfUnused(): void {
    if (!this.isWatched && performance.now() - this.#usedAt > UNUSED) this.#stop();
  }

  #stop(): void {
    this.#tail?.stop();
    this.#tail = undefined;
    clearInterval(this.#timer);
    this.#restart();
  }

  /** What is read next does not follow what is known: readers have missed something. */
  #restart(): void {
    this.#hasGap ||= this.#commits.end !== undefined;
    this.#commits.reset();
  }

  async #take(page: CommitPage, signal: AbortSignal): Promise<void> {
    for (const part of pageParts(page, MAX_BYTES)) {
      await this.#takePart(part, signal);
      if (signal.aborted) return;
    }
  }

  async #takePart(page: CommitPage, signal: AbortSignal): Promise<void> {
    const all = page.commits.flatMap(({ changes }) => changes);
    const wantsEntries = [...this.#listeners].some((it) => it.wantsEntries === true);
    const changes = wantsEntries && all.length > 0 ? await this.#source.withEntries(all) : all;
    if (signal.aborted) return;
    if (this.#commits.end === undefined) this.#begin(page.position);
    const published = this.#commits.add(page, changes);
    if (published.length > 0) for (const listener of [...this.#listeners]) listener.changed(published);
    for (const look of [...this.#onProgress]) look();
  }

  #begin(position: string): void {
    this.#commits.begin(position);
    if (this.#hasGap) for (const listener of [...this.#listeners]) listener.overflowed();
    this.#hasGap = false;
  }

  /** Whether everything up to a position was read, after some time. */
  async #reached(position: string): Promise<boolean> {
    const isReached = () => this.#commits.end !== undefined && this.#commits.end >= position;
    if (isReached()) return true;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#onProgress.delete(look);
        resolve();
      };
      const look = () => isReached() && end();
      const timer = setTimeout(end, CATCH_UP_TIMEOUT);
      this.#onProgress.add(look);
    });
    return isReached();
  }

  /** Finds what follows a position that is not known yet. False if that is not known any more. */
  #find(position: string): Promise<boolean> {
    const found = this.#finding.then(() => this.#findNow(position));
    this.#finding = found.catch(() => undefined);
    return found;
  }

  async #findNow(position: string): Promise<boolean> {
    const { start, canPrepend } = this.#commits;
    if (start === undefined || (position < start && !canPrepend)) return false;
    const commits = await earlierCommits(this.#log(), position, start, KEPT, CATCH_UP_TIMEOUT);
    if (commits === undefined || this.#commits.start !== start) return false;
    if (position >= start) return this.#reached(position);
    // Meanwhile the first of those that were known may have been forgotten.
    if (!this.#commits.canPrepend) return false;
    this.#commits.prepend(position, commits);
    return true;
  }
}
