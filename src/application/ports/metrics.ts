/** Durations by three labels. */
export interface Histogram {
  /** Counts a duration in ms, once or more often. Called for every request: it must cost next to nothing. */
  observe(first: string, second: string, third: string | number, ms: number, count?: number): void;
}

/** What the server counts about itself. */
export interface Metrics {
  /** A histogram of durations in seconds; the same one for the same name. */
  histogram(name: string, help: string, labels: readonly [string, string, string]): Histogram;
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}
export const Metrics = Symbol('Metrics');
