import { parsePrometheus, type Sample } from './prometheus-text.js';

/** Requests of one route since the server started. */
export interface RouteFigures {
  readonly count: number;
  readonly seconds: number;
  /** Answered with a status of 500 or above. */
  readonly failed: number;
  /** How many took at most so many seconds. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** What the server counted at one moment. Undefined is what it does not know. */
export interface Figures {
  /** In ms since 1970. */
  readonly at: number;
  readonly routes: ReadonlyMap<string, RouteFigures>;
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

export function figuresOf(text: string, at: number): Figures {
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

function routesOf(samples: readonly Sample[]): Map<string, RouteFigures> {
  const routes = new Map<string, { count: number; seconds: number; failed: number; buckets: Map<number, number> }>();
  for (const { name, labels, value } of samples) {
    const [, histogram, part] = /^(.*)_(count|sum|bucket)$/.exec(name) ?? [];
    if (histogram !== HTTP && histogram !== OPERATION) continue;
    const id = histogram === HTTP ? labels.route : `${labels.operation} (${labels.transport})`;
    const figures = routes.get(id ?? '') ?? { count: 0, seconds: 0, failed: 0, buckets: new Map() };
    routes.set(id ?? '', figures);
    if (part === 'sum') figures.seconds += value;
    else if (part === 'count') {
      figures.count += value;
      if (Number(labels.status) >= 500 || labels.outcome === 'internal') figures.failed += value;
    } else {
      const most = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
      figures.buckets.set(most, (figures.buckets.get(most) ?? 0) + value);
    }
  }
  return routes;
}
