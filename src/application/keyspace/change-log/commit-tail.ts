import { HistoryGoneError } from '../../../domain/errors.js';
import type { CommitLog, CommitPage } from '../../ports/commit-log.js';

/** The delay before the log is read on after an error, in ms: it doubles up to the second. */
const FIRST_DELAY = 50;
const MAX_DELAY = 1_000;

export interface TailOptions {
  /** The position to read on from; undefined to begin now. */
  position(): string | undefined;
  /** Receives every page. If it rejects, the log is read again from `position`. */
  onPage(page: CommitPage, signal: AbortSignal): Promise<void>;
  /** What follows `position` is not known: called before the log is read from now on. */
  onGap(): void;
}

/** Reads the log of a store until it is stopped, also after errors. */
export class CommitTail {
  readonly #stop = new AbortController();

  constructor(
    readonly log: CommitLog,
    private readonly options: TailOptions,
  ) {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { log, options } = this;
    const { signal } = this.#stop;
    for (let delay = FIRST_DELAY; !signal.aborted; delay = Math.min(2 * delay, MAX_DELAY)) {
      try {
        for await (const page of log.read(options.position(), signal)) {
          if (signal.aborted) return;
          await options.onPage(page, signal);
          delay = FIRST_DELAY;
        }
      } catch (error) {
        if (error instanceof HistoryGoneError && !signal.aborted) options.onGap();
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, delay).unref());
    }
  }
}
