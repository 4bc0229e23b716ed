import { parsePrometheus, type Sample } from './prometheus-text.js';

/** Requests of one route since the server started. */
export interface RouteTotals {
  readonly count: number;
  readonly seconds: number;
  /** Answered with a status of 500 or above. */
  readonly failed: number;
  /** How many took at most so many seconds. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** What the server counted at one moment. Undefined is what it does not know. */
export interface Measurement {
  /** In ms since 1970. */
  readonly at: number;
  readonly routes: ReadonlyMap<string, RouteTotals>;
  readonly openWatches: number | undefined;
  readonly freeBytes: number | undefined;
  readonly diskBytes: number | undefined;
  readonly reserveBytes: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly cpuSeconds: number | undefined;
}

const HTTP = 'portkv_http_request_duration_seconds';
/** What other transports count, such as that for Redis clients. */
const OPERATION = 'portkv_operation_duration_seconds';

export function measurementOf(text: string, at: number): Measurement {
  const samples = parsePrometheus(text);
  const single = (name: string) => {
    const value = samples.find((sample) => sample.name === name)?.value;
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    at,
    routes: routesOf(samples),
    openWatches: single('portkv_watches_open'),
    freeBytes: single('portkv_disk_free_bytes'),
    diskBytes: single('portkv_disk_size_bytes'),
    reserveBytes: single('portkv_disk_reserve_bytes'),
    memoryBytes: single('process_resident_memory_bytes'),
    cpuSeconds: single('process_cpu_seconds_total'),
  };
}

function routesOf(samples: readonly Sample[]): Map<string, RouteTotals> {
  const routes = new Map<string, { count: number; seconds: number; failed: number; buckets: Map<number, number> }>();
  for (const { name, labels, value } of samples) {
    const [, histogram, part] = /^(.*)_(count|sum|bucket)$/.exec(name) ?? [];
    if (histogram !== HTTP && histogram !== OPERATION) continue;
    const id = histogram === HTTP ? labels.route : `${labels.operation} (${labels.transport})`;
    const totals = routes.get(id ?? '') ?? { count: 0, seconds: 0, failed: 0, buckets: new Map() };
    routes.set(id ?? '', totals);
    if (part === 'sum') totals.seconds += value;
    else if (part === 'count') {
      totals.count += value;
      if (Number(labels.status) >= 500 || labels.outcome === 'internal') totals.failed += value;
    } else {
      const most = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
      totals.buckets.set(most, (totals.buckets.get(most) ?? 0) + value);
    }
  }
  return routes;
}
