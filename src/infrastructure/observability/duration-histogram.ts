import type { Histogram } from '../../application/ports/metrics.js';

/** Upper bounds in ms; the last bucket has none. */
const BOUNDS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000];

interface Series {
  /** Observations within each bound alone, not summed up. */
  readonly buckets: number[];
  ms: number;
}

type ByThird = Map<string | number, Series>;

/**
 * Durations by three labels. Counts into plain arrays, because prom-client's own histogram hashes its labels for each
 * observation, which would cost a read of one entry more than its own work.
 */
export class DurationHistogram implements Histogram {
  readonly #series = new Map<string, Map<string, ByThird>>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly labels: readonly [string, string, string],
  ) {}

  observe(first: string, second: string, third: string | number, ms: number, count = 1): void {
    const series = this.#series.get(first)?.get(second)?.get(third) ?? this.#add(first, second, third);
    let bucket = 0;
    while (bucket < BOUNDS.length && ms > (BOUNDS[bucket] as number)) bucket += 1;
    (series.buckets[bucket] as number) += count;
    series.ms += ms * count;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const [a, b, c] = this.labels;
    const lines = [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`];
    for (const [first, seconds] of this.#series) {
      for (const [second, thirds] of seconds) {
        for (const third of [...thirds.keys()].sort()) {
          const labels = `${a}="${first}",${b}="${second}",${c}="${third}"`;
          lines.push(...linesOf(this.name, labels, thirds.get(third) as Series));
        }
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #add(first: string, second: string, third: string | number): Series {
    const seconds = this.#series.get(first) ?? new Map<string, ByThird>();
    this.#series.set(first, seconds);
    const thirds = seconds.get(second) ?? new Map<string | number, Series>();
    seconds.set(second, thirds);
    const series = { buckets: new Array<number>(BOUNDS.length + 1).fill(0), ms: 0 };
    thirds.set(third, series);
    return series;
  }
}

function linesOf(name: string, labels: string, { buckets, ms }: Series): string[] {
  let count = 0;
  const lines = buckets.map((observations, i) => {
    count += observations;
    const bound = BOUNDS[i];
    return `${name}_bucket{${labels},le="${bound === undefined ? '+Inf' : bound / 1000}"} ${count}`;
  });
  return [...lines, `${name}_sum{${labels}} ${ms / 1000}`, `${name}_count{${labels}} ${count}`];
}
