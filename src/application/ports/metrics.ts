/** What the server counts about itself. */
export interface Metrics {
  /** Counts one answer, `ms` after its request came. Called for every request: it must cost next to nothing. */
  answered(route: string, method: string, status: number, ms: number): void;
  /** All figures in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}
export const Metrics = Symbol('Metrics');
