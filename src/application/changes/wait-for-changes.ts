import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Change } from '../../domain/change.js';
import { type KeyFilter, passes } from '../../domain/key.js';
import { attachValues } from '../keyspace/attach-values.js';
import type { ChangeListener, ChangeLog } from '../keyspace/change-log.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { readChanges } from '../keyspace/read-changes.js';
import { ActiveWatches, type Watch } from './active-watches.js';

/** Most changes in one answer. */
const MOST = 1_000;

export interface WaitRequest {
  readonly keyspace: Keyspace;
  readonly identity: Identity;
  readonly filter: KeyFilter;
  /** A token; undefined for now. */
  readonly since: string | undefined;
  /** In ms. */
  readonly wait: number;
  /** With the items put. */
  readonly values: boolean;
}

export interface WaitResult {
  readonly changes: readonly Change[];
  /** What to wait behind next time. */
  readonly token: string;
  /** Whether changes are missing: what is known from before may be wrong. */
  readonly resync: boolean;
}

/** Waits for the first changes behind a token. */
@injectable()
export class WaitForChanges {
  constructor(@inject(ActiveWatches) private readonly watches: ActiveWatches) {}

  /**
   * At once where there are some already, else as soon as there is one, or none after the wait; none as well when the right to watch
   * ends. `onGone` is given what to call when nobody waits any more.
   */
  async execute(request: WaitRequest, onGone: (listener: () => void) => void): Promise<WaitResult> {
    const { keyspace, filter, since, wait } = request;
    const log = keyspace.changes;
    const position = since === undefined ? log.position : log.positionOf(since);
    if (position === undefined) return lost(log);
    const already = readChanges(log, filter, position, 1);
    if (already?.changes.length === 0 && wait > 0) {
      const poll = new Poll(this.watches, request);
      onGone(() => poll.end());
      if (!(await poll.news)) return { changes: [], token: log.tokenOf(position), resync: false };
    }
    const news = readChanges(log, filter, position, MOST);
    if (news === undefined) return lost(log);
    if (!request.values || news.changes.length === 0) {
      return { changes: news.changes, token: log.tokenOf(news.position), resync: false };
    }
    const changes = await attachValues(keyspace, news.changes);
    const last = changes.length === news.changes.length ? news.position : changes[changes.length - 1]?.version;
    return { changes, token: log.tokenOf(last as number), resync: false };
  }
}

function lost(log: ChangeLog): WaitResult {
  return { changes: [], token: log.tokenOf(log.position), resync: true };
}

/** One wait. */
class Poll implements Watch, ChangeListener {
  /** False when it was ended before its time. */
  readonly news: Promise<boolean>;
  readonly project: string;
  readonly identity: Identity;
  readonly filter: KeyFilter;
  readonly #timer: NodeJS.Timeout;
  #resolve: (told: boolean) => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly watches: ActiveWatches,
    { keyspace, identity, filter, wait }: WaitRequest,
  ) {
    this.project = keyspace.project;
    this.identity = identity;
    this.filter = filter;
    this.news = new Promise((resolve) => {
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

  #finish(told: boolean): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.watches.remove(this);
    this.#resolve(told);
  }
}
