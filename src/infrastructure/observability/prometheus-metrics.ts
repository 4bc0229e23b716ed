import type { Metrics } from '../../application/ports/metrics.js';
import type { Figures, MetricSources } from './figures.js';
import { RequestDurations } from './request-durations.js';

/** Figures for Prometheus. What other parts know already is asked of them, by a client that is loaded, only when somebody reads. */
export class PrometheusMetrics implements Metrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #durations = new RequestDurations();
  #figures: Promise<Figures> | undefined;

  constructor(private readonly sources: MetricSources) {}

  answered(route: string, method: string, status: number, ms: number): void {
    this.#durations.observe(route, method, status, ms);
  }

  async text(): Promise<string> {
    this.#figures ??= import('./figures.js').then(({ Figures }) => new Figures(this.sources));
    const figures = await this.#figures;
    return (await figures.ofServer()) + this.#durations.text() + (await figures.ofProcess());
  }
}
