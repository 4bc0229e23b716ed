import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Change } from '../../domain/change.js';
import { type KeyFilter, passes } from '../../domain/key.js';
import { attachValues } from '../keyspace/attach-values.js';
import type { ChangeListener, ChangeLog } from '../keyspace/change-log.js';
import { readChanges } from '../keyspace/read-changes.js';
import { ActiveWatches, type Watch } from './active-watches.js';
import type { AuthorizedWatch } from './authorize-watch.js';

/** Most changes in one answer. */
const MOST_CHANGES = 1_000;

export interface WaitRequest extends AuthorizedWatch {
  /** A token; undefined for now. */
  readonly since: string | undefined;
  /** In ms. */
  readonly wait: number;
}

export interface WaitResult {
  readonly changes: readonly Change[];
  /** The token to wait after next time. */
  readonly token: string;
  /** Whether changes are missing: what is known from before may be wrong. */
  readonly resync: boolean;
}

/** Waits for the first changes after a token. */
@injectable()
export class WaitForChanges {
  constructor(@inject(ActiveWatches) private readonly watches: ActiveWatches) {}

  /**
   * Resolves at once if there are some already, else as soon as there is one, or with none after the wait, or if the right to watch
   * ends. `onGone` is given what to call if the client does not wait any more.
   */
  async execute(request: WaitRequest, onGone: (listener: () => void) => void): Promise<WaitResult> {
    const { keyspace, filter, since, wait } = request;
    const log = keyspace.changes;
    const position = since === undefined ? log.position : log.positionOf(since);
    if (position === undefined) return resync(log);
    const present = readChanges(log, filter, position, 1);
    if (present?.changes.length === 0 && wait > 0) {
      const poll = new LongPoll(this.watches, request);
      onGone(() => poll.end());
      if (!(await poll.ended)) return { changes: [], token: log.tokenOf(position), resync: false };
    }
    const page = readChanges(log, filter, position, MOST_CHANGES);
    if (page === undefined) return resync(log);
    if (!request.values || page.changes.length === 0) {
      return { changes: page.changes, token: log.tokenOf(page.position), resync: false };
    }
    const changes = await attachValues(keyspace, page.changes);
    const last = changes.length === page.changes.length ? page.position : changes[changes.length - 1]?.version;
    return { changes, token: log.tokenOf(last as number), resync: false };
  }
}

function resync(log: ChangeLog): WaitResult {
  return { changes: [], token: log.tokenOf(log.position), resync: true };
}

/** One wait. */
class LongPoll implements Watch, ChangeListener {
  /** Resolves with false if it was ended before its time. */
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
