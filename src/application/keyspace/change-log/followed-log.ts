import type { Change } from '../../../domain/change.js';
import { AppError } from '../../../domain/errors.js';
import type { CommitLog, CommitPage } from '../../ports/commit-log.js';
import { KEPT } from './change-history.js';
import { CommitTail } from './commit-tail.js';
import { earlierCommits } from './earlier-commits.js';
import { NumberedCommits } from './numbered-commits.js';
import { pageParts } from './page-parts.js';

/** How long it waits until what was committed before a request was read, in ms; what is late comes later. */
const CATCH_UP_TIMEOUT = 2_000;
/** About how many bytes of values are published together. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface FollowedLogOptions {
  /** The log of the present store. */
  commitLog(): CommitLog | undefined;
  /** Completes changes before they are published. */
  complete(changes: readonly Change[]): Promise<readonly Change[]>;
  /** Receives the changes that follow those before. */
  published(changes: readonly Change[]): void;
  /** Some changes are missing before what is published next. */
  missed(): void;
}

/** The log of a project's store, read on from the first call of `catchUp` until `stop`, also in the next store. */
export class FollowedLog {
  /** What was read. */
  readonly commits = new NumberedCommits();
  readonly #options: FollowedLogOptions;
  #tail: CommitTail | undefined;
  /** The log that has the positions that are known, once it has answered. */
  #known: CommitLog | undefined;
  #hasGap = false;
  readonly #onProgress = new Set<() => void>();
  /** One reader at a time looks for commits before those that are known. */
  #finding: Promise<unknown> = Promise.resolve();

  constructor(options: FollowedLogOptions) {
    this.#options = options;
  }

  /** Reads what was committed before the call. Rejects with `unavailable` if the store does not answer. */
  async catchUp(): Promise<void> {
    const until = performance.now() + CATCH_UP_TIMEOUT;
    for (let left = CATCH_UP_TIMEOUT; left > 0; left = until - performance.now()) {
      const { log } = this.#follow();
      try {
        await this.#reached(log, await log.end(), left);
      } catch (error) {
        if (log === this.#options.commitLog()) throw error;
      }
      // Else the store was replaced meanwhile.
      if (log === this.#options.commitLog()) break;
    }
    if (this.#known !== undefined && this.#known === this.#options.commitLog()) return;
    throw new AppError('unavailable', 'The store does not say what is committed: try again');
  }

  /** Call it when the store was replaced, maybe by the same one that was opened again. */
  storeReplaced(): void {
    if (this.#tail === undefined || this.#tail.log === this.#options.commitLog()) return;
    this.#tail.stop();
    this.#tail = undefined;
    this.#known = undefined;
    if (this.#options.commitLog() !== undefined) this.#follow();
    this.#look();
  }

  /** What is read next does not follow what is known. */
  stop(): void {
    this.#tail?.stop();
    this.#tail = undefined;
    this.#restart();
  }

  /** Finds what follows a position that is not known yet. False if that is not known any more. */
  find(position: string): Promise<boolean> {
    const found = this.#finding.then(() => this.#findNow(position));
    this.#finding = found.catch(() => undefined);
    return found;
  }

  #follow(): CommitTail {
    const log = this.#options.commitLog();
    if (log === undefined) throw new AppError('unavailable', 'The store has no log of commits');
    this.#tail ??= new CommitTail(log, {
      position: () => this.commits.end,
      onPage: (page, signal) => this.#take(log, page, signal),
      onGap: () => this.#restart(),
    });
    return this.#tail;
  }

  /** Readers have missed something. */
  #restart(): void {
    this.#hasGap ||= this.commits.end !== undefined;
    this.#known = undefined;
    this.commits.reset();
  }

  async #take(log: CommitLog, page: CommitPage, signal: AbortSignal): Promise<void> {
    for (const part of pageParts(page, MAX_BYTES)) {
      const all = part.commits.flatMap(({ changes }) => changes);
      const changes = all.length === 0 ? all : await this.#options.complete(all);
      if (signal.aborted) return;
      this.#known = log;
      if (this.commits.end === undefined) this.#begin(part.position);
      const published = this.commits.add(part, changes);
      if (published.length > 0) this.#options.published(published);
      this.#look();
    }
  }

  #begin(position: string): void {
    this.commits.begin(position);
    if (this.#hasGap) this.#options.missed();
    this.#hasGap = false;
  }

  #look(): void {
    for (const look of [...this.#onProgress]) look();
  }

  /** Whether everything up to a position of a log was read, after so many ms. Ends early if the log is not followed. */
  async #reached(log: CommitLog, position: string, timeout = CATCH_UP_TIMEOUT): Promise<boolean> {
    const isReached = () => {
      const { end } = this.commits;
      return this.#known === log && end !== undefined && end >= position;
    };
    const isOver = () => isReached() || this.#tail?.log !== log;
    if (!isOver()) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          this.#onProgress.delete(look);
          resolve();
        };
        const look = () => isOver() && end();
        const timer = setTimeout(end, timeout);
        this.#onProgress.add(look);
      });
    }
    return isReached();
  }

  async #findNow(position: string): Promise<boolean> {
    const log = this.#known;
    const { start, canPrepend } = this.commits;
    if (log === undefined || start === undefined || (position < start && !canPrepend)) return false;
    const found = await earlierCommits(log, position, start, KEPT, CATCH_UP_TIMEOUT);
    if (found === undefined || this.#known !== log || this.commits.start !== start) return false;
    if (position >= start) return this.#reached(log, position);
    // Meanwhile the first of those that were known may have been forgotten.
    if (!this.commits.canPrepend) return false;
    this.commits.prepend(position, found);
    return true;
  }
}
