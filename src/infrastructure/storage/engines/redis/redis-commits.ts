import { randomInt } from 'node:crypto';
import type { Batch } from '../../../../application/ports/store.js';
import { LimitExceededError, StoreFencedError } from '../../../../domain/errors.js';
import type { TotalsLimit } from '../../../../domain/totals.js';
import { BatchedCalls } from '../../building-blocks/server/batched-calls.js';
import { encodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connection } from './connections.js';
import { commitError, missingStore } from './redis-error.js';
import type { RedisOptions } from './redis-options.js';
import { encodeEntry, versionText } from './redis-record.js';
import { type CommitResult, replicatedCommit } from './replicated-commit.js';

/** How many commits one script does at most, and of how many bytes: all other clients of the server wait for it. */
const MAX_COMMITS = 64;
const MAX_BYTES = 1024 * 1024;

/** The most that `randomInt` takes. */
const MAX_MARK = 2 ** 48 - 1;

type Values = readonly (string | number | Buffer)[];
type Result = CommitResult | Extract<CommitResult, readonly unknown[]>[number];

/** The commits of a store. Those of one turn of the event loop go to the server together, each with its own outcome. */
export class RedisCommits {
  readonly #together = new BatchedCalls<Values, Result>({
    maxRunning: Number.POSITIVE_INFINITY,
    begin: smallEnough,
    run: (commits) => this.#run(commits),
  });

  constructor(
    private readonly connection: Connection,
    private readonly name: string,
    private readonly calls: ServerCalls,
    private readonly options: Pick<RedisOptions, 'commit_timeout' | 'wait'>,
  ) {}

  /** As `Store.commit`. */
  async commit({ expect = [], put = [], remove = [], limit, changes = [] }: Batch): Promise<boolean> {
    this.calls.requireOpen();
    if (expect.length + put.length + remove.length === 0) return true;
    const values: (string | number | Buffer)[] = [expect.length, put.length, remove.length, ...limitOf(limit)];
    if (changes.length === 0) values.push('', 0);
    else values.push(JSON.stringify(encodeChanges(changes)), randomInt(1, MAX_MARK));
    for (const { key, version } of expect) values.push(key, versionText(version));
    for (const entry of put) values.push(entry.key, encodeEntry(entry));
    values.push(...remove);
    const done = await this.calls.run(() => this.#together.call(values));
    if (done === -1) throw missingStore(this.name);
    if (done === -2) throw new StoreFencedError(this.name);
    if (done instanceof Error) throw commitError(done, this.name);
    if (Array.isArray(done)) throw new LimitExceededError(...(done as ['keys' | 'bytes', number]));
    return done === 1;
  }

  async #run(batches: readonly Values[]): Promise<readonly Result[]> {
    const { commit_timeout: seconds, wait } = this.options;
    const { commits, ready } = this.connection;
    const values = batches.flat();
    let results: CommitResult;
    try {
      results = await this.calls.inTime(seconds, async () => {
        await ready();
        return wait === 0
          ? commits.portkvCommit(this.name, ...values)
          : replicatedCommit(commits, this.name, values, wait, seconds / 2);
      });
    } catch (error) {
      throw commitError(error, this.name);
    }
    return Array.isArray(results) ? results : batches.map(() => results);
  }
}

/** For a new group: whether a commit can join it. */
function smallEnough(): (values: Values) => boolean {
  let [count, bytes] = [0, 0];
  return (values) => {
    count += 1;
    for (const value of values) if (typeof value !== 'number') bytes += value.length;
    return count <= MAX_COMMITS && bytes <= MAX_BYTES;
  };
}

/** Infinity is no number for Lua. */
function limitOf(limit: TotalsLimit | undefined): (number | string)[] {
  if (limit === undefined) return ['', '', ''];
  const { keys, bytes, uncounted = 0 } = limit;
  return [Math.min(keys, Number.MAX_SAFE_INTEGER), Math.min(bytes, Number.MAX_SAFE_INTEGER), uncounted];
}
