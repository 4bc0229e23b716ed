import { CommandLine } from '../../components/empty-state.js';
import { bytes, count } from '../../formats/quantity.js';
import { apiRoot } from '../../routing/addresses.js';
import { milliseconds, rate, share } from '../formats.js';
import type { Measurement } from '../metrics/measurement.js';
import { Chart } from './chart.js';
import { RouteTable } from './route-table.js';
import { seriesOf } from './series.js';

interface ChartsProps {
  readonly measurements: readonly Measurement[];
  readonly minutes: number;
  readonly spans: readonly number[];
  readonly onSpan: (minutes: number) => void;
}

/** What happened in the last minutes, as far as this tab saw it. */
export function Charts({ measurements, minutes, spans, onSpan }: ChartsProps) {
  const { times, requests, latency, watches, memory, cpu, routes } = seriesOf(measurements);
  const now = (measurements.at(-1)?.at ?? Date.now()) / 1000;
  const range = [now - minutes * 60, now] as const;
  const common = { times, range };
  return (
    <section class="charts" aria-labelledby="charts-title">
      <header class="row wrap">
        <h2 id="charts-title" class="grow">
          {`The last ${minutes} minutes`}
        </h2>
        <fieldset class="segments">
          <legend class="visually-hidden">How far back</legend>
          {spans.map((span) => (
            <button key={span} type="button" aria-pressed={span === minutes} onClick={() => onSpan(span)}>
              {`${span} min`}
            </button>
          ))}
        </fieldset>
      </header>
      {times.length === 0 ? (
        <p class="hint">Measuring…</p>
      ) : (
        <>
          <div class="chart-grid">
            <Chart title="Requests a second, by route" series={requests} {...common} format={rate} atLeast={1} />
            <Chart title="Latency by route: 95 % are faster" series={latency} {...common} format={milliseconds} />
            <Chart title="Open streams" series={watches} {...common} format={count} atLeast={4} />
            <Chart title="Processor" series={cpu} {...common} format={share} atLeast={0.1} />
            <Chart title="Memory" series={memory} {...common} format={bytes} isBinary />
          </div>
          <h2>Routes</h2>
          <RouteTable routes={routes} />
        </>
      )}
      <details class="more">
        <summary>Keep these measurements for longer</summary>
        <p class="hint">
          The console shows what it saw while it was open. Prometheus keeps the same measurements for as long as you
          like:
        </p>
        <CommandLine text={`curl ${apiRoot}/metrics -H "X-API-Key: $SYSTEM_KEY"`} />
      </details>
    </section>
  );
}
