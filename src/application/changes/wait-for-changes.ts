import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { type Change, positionOf } from '../../domain/change.js';
import { type KeyFilter, passes } from '../../domain/key.js';
import { attachValues } from '../keyspace/attach-values.js';
import type { ChangeFeed, ChangeListener } from '../keyspace/change-log/change-feed.js';
import { readChanges } from '../keyspace/change-log/read-changes.js';
import { ActiveWatches, type Watch } from './active-watches.js';
import type { AuthorizedWatch } from './authorize-watch.js';

/** The most changes in one result. */
const MAX_CHANGES = 1_000;

export interface WaitRequest extends AuthorizedWatch {
  /** The token to wait after; undefined to start now. */
  readonly since: string | undefined;
  /** In ms. */
  readonly wait: number;
}

export interface WaitResult {
  readonly changes: readonly Change[];
  /** The token to wait after next time. */
  readonly token: string;
  /** Whether changes are missing, so that the client must read the entries again. */
  readonly resync: boolean;
}

/** Waits for the first changes after a token. */
@injectable()
export class WaitForChanges {
  constructor(@inject(ActiveWatches) private readonly watches: ActiveWatches) {}

  /**
   * Resolves with the changes that are there, or waits for the first one. Resolves without changes when the time is
   * over or the right to watch ends. `onGone` receives the function to call when the client stops waiting.
   */
  async execute(request: WaitRequest, onGone: (listener: () => void) => void): Promise<WaitResult> {
    const { keyspace, filter, since, wait } = request;
    const log = keyspace.changes;
    const position = since === undefined ? log.position : await log.positionOf(since);
    if (position === undefined) return resync(log);
    const present = readChanges(log, filter, position, 1);
    if (present?.changes.length === 0 && wait > 0) {
      const poll = new LongPoll(this.watches, request);
      onGone(() => poll.end());
      if (!(await poll.ended)) return { changes: [], token: log.tokenOf(position), resync: false };
    }
    const page = readChanges(log, filter, position, MAX_CHANGES);
    if (page === undefined) return resync(log);
    if (!request.values || page.changes.length === 0) {
      return { changes: page.changes, token: log.tokenOf(page.position), resync: false };
    }
    const changes = await attachValues(keyspace, page.changes);
    const isAll = changes.length === page.changes.length;
    const last = isAll ? page.position : positionOf(changes[changes.length - 1] as Change);
    return { changes, token: log.tokenOf(last), resync: false };
  }
}

function resync(log: ChangeFeed): WaitResult {
  return { changes: [], token: log.tokenOf(log.position), resync: true };
}

/** One waiting request. */
class LongPoll implements Watch, ChangeListener {
  /** Resolves with false if the wait was ended early. */
  readonly ended: Promise<boolean>;
  readonly project: string;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly #timer: NodeJS.Timeout;
  #resolve: (inTime: boolean) => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly watches: ActiveWatches,
    { keyspace, caller, filter, wait }: WaitRequest,
  ) {
    this.project = keyspace.project;
    this.caller = caller;
    this.filter = filter;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#finish(true), wait);
    this.#unsubscribe = keyspace.changes.subscribe(this);
    watches.add(this);
  }

  changed(changes: readonly Change[]): void {
    if (changes.some(({ key }) => passes(this.filter, key))) this.#finish(true);
  }

  overflowed(): void {
    this.#finish(true);
  }

  closed(): void {
    this.end();
  }

  end(): void {
    this.#finish(false);
  }

  #finish(inTime: boolean): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.watches.remove(this);
    this.#resolve(inTime);
  }
}
