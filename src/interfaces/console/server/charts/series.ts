import type { Measurement } from '../metrics/measurement.js';
import { cpuBetween, type RouteRates, ratesBetween } from '../metrics/rates.js';

/** A line of a chart: a value for each of its times, null if it is not known. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What the charts show: a moment for every value, in seconds since 1970. */
export interface ServerSeries {
  readonly times: readonly number[];
  readonly requests: readonly Series[];
  readonly latency: readonly Series[];
  readonly watches: readonly Series[];
  readonly memory: readonly Series[];
  readonly cpu: readonly Series[];
  /** Of the whole time, busiest first. */
  readonly routes: readonly (readonly [route: string, rates: RouteRates])[];
}

/** How many routes have a line of their own. */
const MOST_ROUTES = 5;
const OTHERS = 'all others';
/** Two measurements that are further apart, in ms, are no neighbours: the tab was hidden. */
const GAP = 20_000;

export function seriesOf(measurements: readonly Measurement[]): ServerSeries {
  const steps = measurements.slice(1).map((after, i) => {
    const before = measurements[i] as Measurement;
    const isGap = after.at - before.at > GAP;
    return {
      after,
      rates: isGap ? undefined : ratesBetween(before, after),
      cpu: isGap ? undefined : cpuBetween(before, after),
    };
  });
  const routes = totalsOf(measurements);
  const shown = routes.slice(0, MOST_ROUTES).map(([route]) => route);
  const rest = routes.slice(MOST_ROUTES).map(([route]) => route);
  const perRoute = (pick: (rates: RouteRates | undefined) => number | null) =>
    shown.map((name) => ({
      name,
      values: steps.map(({ rates }) => (rates === undefined ? null : pick(rates.get(name)))),
    }));
  const others = steps.map(({ rates }) =>
    rates === undefined ? null : rest.reduce((sum, route) => sum + (rates.get(route)?.perSecond ?? 0), 0),
  );
  const single = (name: string, pick: (step: (typeof steps)[number]) => number | undefined) => [
    { name, values: steps.map((step) => pick(step) ?? null) },
  ];
  return {
    times: steps.map(({ after }) => after.at / 1000),
    requests: [
      ...perRoute((rates) => rates?.perSecond ?? 0),
      ...(rest.length > 0 ? [{ name: OTHERS, values: others }] : []),
    ],
    latency: perRoute((rates) => rates?.p95 ?? null),
    watches: single('open streams', ({ after }) => after.openWatches),
    memory: single('memory', ({ after }) => after.memoryBytes),
    cpu: single('of one processor', ({ cpu }) => cpu),
    routes,
  };
}

/** What each route did in the whole time, busiest first; without those that did nothing. */
function totalsOf(measurements: readonly Measurement[]): (readonly [string, RouteRates])[] {
  const last = measurements.at(-1);
  if (last === undefined) return [];
  const first = measurements.find((one) => one !== last && ratesBetween(one, last) !== undefined);
  const rates = first === undefined ? [] : [...(ratesBetween(first, last) ?? [])];
  return rates.filter(([, { count }]) => count > 0).sort(([, a], [, b]) => b.count - a.count);
}
