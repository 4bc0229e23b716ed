import type { Histogram, Metrics } from '../ports/metrics.js';

/** Calls of one operation that began at one moment. */
interface Done {
  readonly transport: string;
  readonly operation: string;
  readonly start: number;
  count: number;
}

/** Measures calls by transport, operation and outcome. Times are those of `performance.now()`. */
export class CallDurations {
  readonly #metrics: Metrics;
  #histogram: Histogram | undefined;
  /** Done in this turn of the event loop. */
  #done: Done[] = [];

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** A call has ended now. */
  ended(transport: string, operation: string, outcome: string, start: number, count = 1): void {
    this.#histogram ??= this.#metrics.histogram(
      'portkv_operation_duration_seconds',
      'Time from a request to its answer, by transport and operation',
      ['transport', 'operation', 'outcome'],
    );
    this.#histogram.observe(transport, operation, outcome, performance.now() - start, count);
  }

  /**
   * A call has succeeded that may have arrived together with others, at `start`: it ends with this turn of the event
   * loop, as all of them do. To read the clock for each would take longer than some calls do.
   */
  doneInTurn(transport: string, operation: string, start: number): void {
    const last = this.#done.at(-1);
    if (last?.start === start && last.operation === operation && last.transport === transport) last.count += 1;
    else if (this.#done.push({ transport, operation, start, count: 1 }) === 1) setImmediate(this.#turnEnded);
  }

  readonly #turnEnded = (): void => {
    const done = this.#done;
    this.#done = [];
    for (const { transport, operation, start, count } of done) this.ended(transport, operation, 'ok', start, count);
  };
}
