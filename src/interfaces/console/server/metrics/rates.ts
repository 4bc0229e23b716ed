import type { Measurement, RouteTotals } from './measurement.js';

/** What a route did between two moments. */
export interface RouteRates {
  readonly count: number;
  readonly perSecond: number;
  readonly failed: number;
  /** In seconds; undefined without a request. */
  readonly mean: number | undefined;
  readonly median: number | undefined;
  readonly p95: number | undefined;
}

/** By route; undefined if the server was started again in between. */
export function ratesBetween(before: Measurement, after: Measurement): ReadonlyMap<string, RouteRates> | undefined {
  const seconds = (after.at - before.at) / 1000;
  if (seconds <= 0 || isRestarted(before, after)) return undefined;
  return new Map([...after.routes].map(([route, now]) => [route, ratesOf(before.routes.get(route), now, seconds)]));
}

/** The share of one processor that was used; undefined if it is not known. */
export function cpuBetween(before: Measurement, after: Measurement): number | undefined {
  if (before.cpuSeconds === undefined || after.cpuSeconds === undefined) return undefined;
  const used = after.cpuSeconds - before.cpuSeconds;
  return used < 0 ? undefined : used / ((after.at - before.at) / 1000);
}

function isRestarted(before: Measurement, after: Measurement): boolean {
  return [...before.routes].some(([route, { count }]) => (after.routes.get(route)?.count ?? 0) < count);
}

function ratesOf(before: RouteTotals | undefined, now: RouteTotals, seconds: number): RouteRates {
  const count = now.count - (before?.count ?? 0);
  const buckets = [...now.buckets]
    .map(([most, total]): [number, number] => [most, total - (before?.buckets.get(most) ?? 0)])
    .sort(([a], [b]) => a - b);
  return {
    count,
    perSecond: count / seconds,
    failed: now.failed - (before?.failed ?? 0),
    mean: count === 0 ? undefined : (now.seconds - (before?.seconds ?? 0)) / count,
    median: quantile(0.5, buckets),
    p95: quantile(0.95, buckets),
  };
}

/** As Prometheus estimates it: on a straight line inside the bucket. `buckets` are cumulative, smallest first. */
export function quantile(
  share: number,
  buckets: readonly (readonly [most: number, total: number])[],
): number | undefined {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  const rank = share * all;
  let [lower, below] = [0, 0];
  for (const [most, total] of buckets) {
    if (total >= rank) {
      if (most === Number.POSITIVE_INFINITY) return lower;
      return lower + (most - lower) * ((rank - below) / (total - below));
    }
    [lower, below] = [most, total];
  }
  return lower;
}
