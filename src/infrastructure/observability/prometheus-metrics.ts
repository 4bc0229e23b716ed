import type { Metrics } from '../../application/ports/metrics.js';
import type { MetricSources, PrometheusRegistry } from './prometheus-registry.js';
import { RequestDurations } from './request-durations.js';

/**
 * Metrics for Prometheus. Only request durations are recorded all the time. When the metrics are read, everything else
 * is measured, and prom-client is loaded.
 */
export class PrometheusMetrics implements Metrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #durations = new RequestDurations();
  #registry: Promise<PrometheusRegistry> | undefined;

  constructor(private readonly sources: MetricSources) {}

  answered(route: string, method: string, status: number, ms: number): void {
    this.#durations.observe(route, method, status, ms);
  }

  async text(): Promise<string> {
    this.#registry ??= import('./prometheus-registry.js').then(
      ({ PrometheusRegistry }) => new PrometheusRegistry(this.sources),
    );
    const registry = await this.#registry;
    return (await registry.ofServer()) + this.#durations.text() + (await registry.ofProcess());
  }
}
