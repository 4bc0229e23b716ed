import type { CommitLog, CommitPage } from '../../../../application/ports/commit-log.js';
import { AppError, HistoryGoneError } from '../../../../domain/errors.js';
import { Positions } from '../../building-blocks/server/commit-log/positions.js';
import { withPauses } from '../../building-blocks/server/commit-log/with-pauses.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { readError } from './client/etcd-error.js';
import type { WatchResponse } from './client/messages.js';
import { changesIn } from './counters.js';
import type { OpenStore } from './open-store.js';

/** After so long without a commit it is looked whether there was one that the watch did not bring, in ms. */
const IDLE = 5000;

/**
 * The log of a store's commits: the revisions of the counters, which each commit changes together with its entries. It
 * reaches back to where etcd was compacted.
 */
export class EtcdCommitLog implements CommitLog {
  readonly #positions: Positions;

  constructor(
    private readonly store: OpenStore,
    private readonly calls: ServerCalls,
  ) {
    this.#positions = new Positions(`${store.name} ${store.made}`, 1);
  }

  async end(): Promise<string> {
    return this.#positions.format((await this.#look()).last);
  }

  read(after: string | undefined, signal: AbortSignal): AsyncIterable<CommitPage> {
    return this.calls.until(signal, (open) => this.#read(after, open));
  }

  async *#read(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    const { revision } = await this.#look();
    let last = after === undefined ? revision : (this.#positions.parse(after)[0] as number);
    if (last > revision) throw new HistoryGoneError(after ?? '');
    const page = (...commits: CommitPage['commits']) => ({ commits, position: this.#positions.format(last) });
    yield page();
    const stop = new AbortController();
    const watch = this.#watch(last + 1, AbortSignal.any([signal, stop.signal]));
    try {
      let due = 0;
      for await (const answer of withPauses(watch, IDLE)) {
        if (answer === undefined) {
          if (due > last) throw new AppError('unavailable', `${this.store.name}: etcd does not report commits`);
          const found = await this.#look();
          due = found.last;
          if (due > last) continue;
          last = found.revision;
          yield page();
        } else {
          const before = last;
          const commits = this.#commitsIn(answer, before);
          last = answer.events.at(-1)?.kv.modRevision ?? last;
          if (last > before) yield page(...commits);
        }
      }
    } finally {
      stop.abort();
      void watch.return().catch(() => undefined);
    }
  }

  async *#watch(startRevision: number, signal: AbortSignal): AsyncGenerator<WatchResponse, void, undefined> {
    const { connections, keys, limits, name } = this.store;
    const [key, rangeEnd] = keys.allCounters();
    try {
      yield* connections.client.watch({ key, rangeEnd, startRevision }, limits.timeout, signal);
    } catch (error) {
      throw readError(error, name);
    }
  }

  #commitsIn({ canceled, compactRevision, cancelReason, events }: WatchResponse, after: number) {
    if (compactRevision > 0) throw new HistoryGoneError(this.#positions.format(after));
    if (canceled) throw new AppError('unavailable', `${this.store.name}: etcd ended a watch: ${cancelReason}`);
    return events
      .map(({ kv }) => ({ position: this.#positions.format(kv.modRevision), changes: changesIn(kv) }))
      .filter(({ changes }) => changes.length > 0);
  }

  /** The revision now, and that of the last commit. Rejects if the store was removed. */
  #look(): Promise<{ readonly revision: number; readonly last: number }> {
    const [key, rangeEnd] = this.store.keys.allCounters();
    return this.calls.run(() =>
      this.store.reading(async () => {
        const { revision, ranges } = await this.store.read([{ key, rangeEnd, keysOnly: true }]);
        const mods = (ranges[0]?.kvs ?? []).map(({ modRevision }) => modRevision);
        return { revision, last: Math.max(this.store.made, ...mods) };
      }),
    );
  }
}
