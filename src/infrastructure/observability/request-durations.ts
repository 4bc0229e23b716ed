/** Upper bounds of the buckets in ms; the last bucket has none. */
const BOUNDS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000];
const FIRST_STATUS = 100;

interface Series {
  /** Number of responses per bucket, not cumulative. */
  readonly buckets: number[];
  /** Sum of all durations. */
  ms: number;
}

const NAME = 'portkv_http_request_duration_seconds';

/**
 * Histograms of response times, by route, method and status. Counts into plain arrays: the histogram of prom-client
 * hashes its labels at each observation, which for the read of one entry would cost more than the read itself.
 */
export class RequestDurations {
  readonly #series = new Map<string, Map<string, Series[]>>();

  observe(route: string, method: string, status: number, ms: number): void {
    const series = this.#series.get(route)?.get(method)?.[status - FIRST_STATUS] ?? this.#add(route, method, status);
    let bucket = 0;
    while (bucket < BOUNDS.length && ms > (BOUNDS[bucket] as number)) bucket += 1;
    (series.buckets[bucket] as number) += 1;
    series.ms += ms;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const lines = [`# HELP ${NAME} Time from the header of a request to its response`, `# TYPE ${NAME} histogram`];
    for (const [route, methods] of this.#series) {
      for (const [method, statuses] of methods) {
        statuses.forEach((series, index) => {
          lines.push(...bucketLines(`route="${route}",method="${method}",status="${index + FIRST_STATUS}"`, series));
        });
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #add(route: string, method: string, status: number): Series {
    const methods = this.#series.get(route) ?? new Map<string, Series[]>();
    this.#series.set(route, methods);
    const statuses = methods.get(method) ?? [];
    methods.set(method, statuses);
    const series = { buckets: new Array<number>(BOUNDS.length + 1).fill(0), ms: 0 };
    statuses[status - FIRST_STATUS] = series;
    return series;
  }
}

function bucketLines(labels: string, { buckets, ms }: Series): string[] {
  let count = 0;
  const lines = buckets.map((responses, i) => {
    count += responses;
    const bound = BOUNDS[i];
    return `${NAME}_bucket{${labels},le="${bound === undefined ? '+Inf' : bound / 1000}"} ${count}`;
  });
  return [...lines, `${NAME}_sum{${labels}} ${ms / 1000}`, `${NAME}_count{${labels}} ${count}`];
}
