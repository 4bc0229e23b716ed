import type { Histogram, Metrics } from '../../application/ports/metrics.js';
import { DurationHistogram } from './duration-histogram.js';
import type { MetricSources, PrometheusRegistry } from './prometheus-registry.js';

/** Metrics for Prometheus. What other parts count is read only on request, through a client that is loaded then. */
export class PrometheusMetrics implements Metrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #histograms = new Map<string, DurationHistogram>();
  #registry: Promise<PrometheusRegistry> | undefined;

  constructor(private readonly sources: () => MetricSources) {}

  histogram(name: string, help: string, labels: readonly [string, string, string]): Histogram {
    const histogram = this.#histograms.get(name) ?? new DurationHistogram(name, help, labels);
    this.#histograms.set(name, histogram);
    return histogram;
  }

  async text(): Promise<string> {
    this.#registry ??= import('./prometheus-registry.js').then(
      ({ PrometheusRegistry }) => new PrometheusRegistry(this.sources()),
    );
    const registry = await this.#registry;
    const durations = [...this.#histograms.values()].map((histogram) => histogram.text()).join('');
    return (await registry.ofServer()) + durations + (await registry.ofProcess());
  }
}
