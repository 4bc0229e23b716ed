import type { Metrics } from '../../application/ports/metrics.js';
import type { MetricSources, PrometheusRegistry } from './prometheus-registry.js';
import { RequestDurations } from './request-durations.js';

/** Figures for Prometheus. What other parts know already is asked of them, by a client that is loaded, only when somebody reads. */
export class PrometheusMetrics implements Metrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #durations = new RequestDurations();
  #figures: Promise<PrometheusRegistry> | undefined;

  constructor(private readonly sources: MetricSources) {}

  answered(route: string, method: string, status: number, ms: number): void {
    this.#durations.observe(route, method, status, ms);
  }

  async text(): Promise<string> {
    this.#figures ??= import('./prometheus-registry.js').then(
      ({ PrometheusRegistry }) => new PrometheusRegistry(this.sources),
    );
    const figures = await this.#figures;
    return (await figures.ofServer()) + this.#durations.text() + (await figures.ofProcess());
  }
}
