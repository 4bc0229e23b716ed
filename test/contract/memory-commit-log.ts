import type { CommitLog, CommitPage, CommitRecord } from '../../src/application/ports/commit-log.js';
import type { Change } from '../../src/domain/change.js';
import { HistoryGoneError } from '../../src/domain/errors.js';

/** What a log does that breaks its contract. */
export type LogMistake =
  | 'counts commits when they begin'
  | 'has each change of a commit by itself'
  | 'lacks what other nodes commit'
  | 'takes any position for its start';

interface Logged extends CommitRecord {
  readonly node: unknown;
}

/** The log of the commits to a store in memory, which several nodes share. */
export class MemoryCommitLog {
  #commits: Logged[] = [];
  #taken = 0;

  constructor(private readonly mistake?: LogMistake) {}

  /** Call it when a commit begins; the function that it returns, in the moment when it is done. */
  begin(node: unknown): (changes: readonly Change[]) => void {
    const early = this.mistake === 'counts commits when they begin' ? this.#next() : undefined;
    return (changes) => {
      const parts = this.mistake === 'has each change of a commit by itself' ? changes.map((it) => [it]) : [changes];
      for (const part of parts) this.#commits.push({ position: early ?? this.#next(), changes: part, node });
      this.#commits.sort((a, b) => (a.position < b.position ? -1 : 1));
    };
  }

  /** As a node sees it. */
  at(node: { requireOpen(): void }): CommitLog {
    return {
      end: async () => this.#commits.at(-1)?.position ?? positionOf(0),
      read: (after, signal) => this.#read(node, after, signal),
    };
  }

  async *#read(
    node: { requireOpen(): void },
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<CommitPage> {
    const end = await this.at(node).end();
    const isAny = this.mistake === 'takes any position for its start';
    if (!isAny && after !== undefined && !(/^commit-\d{6}$/.test(after) && after <= end)) {
      throw new HistoryGoneError(after);
    }
    let position = after ?? end;
    yield { commits: [], position };
    while (!signal.aborted) {
      node.requireOpen();
      const following = this.#commits.filter((it) => it.position > position);
      position = following.at(-1)?.position ?? position;
      const own = this.mistake === 'lacks what other nodes commit';
      const commits = following.filter((it) => !own || it.node === node);
      if (following.length > 0) yield { commits: commits.map((it) => ({ ...it, node: undefined })), position };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #next(): string {
    this.#taken += 1;
    return positionOf(this.#taken);
  }
}

function positionOf(number: number): string {
  return `commit-${`${number}`.padStart(6, '0')}`;
}
