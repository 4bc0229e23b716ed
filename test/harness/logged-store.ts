import type { CommitLog, CommitPage, CommitRecord } from '../../src/application/ports/commit-log.js';
import type { Batch } from '../../src/application/ports/store.js';
import { HistoryGoneError } from '../../src/domain/errors.js';
import { MemoryStore } from '../../src/infrastructure/storage/building-blocks/memory-store.js';

/** A store in memory with a log of its commits, as one has that several servers share. */
export class LoggedStore extends MemoryStore {
  readonly #commits: CommitRecord[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #mark: string;
  readonly commitLog: CommitLog = {
    read: (after, signal) => this.readLog(after, signal),
    end: async () => this.#positionOf(this.#commits.length),
  };

  /** Its positions begin with the mark, of hexadecimal digits. Those of stores with other marks are not known to it. */
  constructor(mark = 'c0') {
    super();
    this.#mark = mark;
  }

  override commit(batch: Batch): boolean {
    const { changes = [] } = batch;
    const done = super.commit(batch) as boolean;
    if (done && changes.length > 0)
      this.#commits.push({ position: this.#positionOf(this.#commits.length + 1), changes });
    for (const wake of [...this.#waiting]) wake();
    return done;
  }

  protected async *readLog(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    if (after !== undefined && !after.startsWith(this.#mark)) throw new HistoryGoneError(after);
    let position = after ?? this.#positionOf(this.#commits.length);
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const commits = this.#commits.filter((commit) => commit.position > position);
      position = commits.at(-1)?.position ?? position;
      if (isFirst || commits.length > 0) yield { commits, position };
      else await this.#next(signal);
    }
  }

  async #next(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #positionOf(number: number): string {
    return this.#mark + number.toString(16).padStart(14, '0');
  }
}
