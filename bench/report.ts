import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { generator, type Sample } from './load.js';

/** Medians over all rounds, and how far the rates are apart. */
export interface Measured {
  readonly name: string;
  readonly rate: number;
  /** Half the distance between the slowest and the fastest round, in percent of the median. */
  readonly spread: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** A measured figure with its goal: the rate of one contender divided by another's, or any other figure. */
export interface Ratio {
  readonly what: string;
  readonly value: number;
  readonly goal: number;
  /** True if the goal is a maximum; left out if it is a minimum. */
  readonly atMost?: true;
}

export function summarise(name: string, samples: readonly Sample[]): Measured {
  const rates = samples.map(({ rate }) => rate);
  const rate = median(rates);
  return {
    name,
    rate,
    spread: rate === 0 ? 0 : ((Math.max(...rates) - Math.min(...rates)) / 2 / rate) * 100,
    cpu: median(samples.map(({ cpu }) => cpu)),
    p50: median(samples.map(({ p50 }) => p50)),
    p99: median(samples.map(({ p99 }) => p99)),
    failed: samples.reduce((sum, { failed }) => sum + failed, 0),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function table(rows: readonly Measured[]): string {
  const lines = rows.map(({ name, rate, spread, cpu, p50, p99, failed }) => {
    const throughput = `${Math.round(rate)} | ±${spread.toFixed(0)} %`;
    return `| ${name} | ${throughput} | ${cpu.toFixed(1)} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${failed} |`;
  });
  return [
    '| server | requests/s | spread | CPU µs/request | p50 ms | p99 ms | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

export function ratioTable(ratios: readonly Ratio[]): string {
  const lines = ratios.map(({ what, value, goal, atMost }) => {
    const reached = atMost ? value <= goal : value >= goal;
    const result = reached ? 'reached' : '**not reached**';
    return `| ${what} | ${value.toFixed(2)} | ${atMost ? '≤' : '≥'} ${goal} | ${result} |`;
  });
  return ['| ratio | measured | goal | |', '| --- | ---: | ---: | --- |', ...lines].join('\n');
}

/** An SVG bar chart in the order of the rows, in colours that work on a light and a dark background. */
export function chart(title: string, rows: readonly Measured[]): string {
  const highest = Math.max(...rows.map(({ rate }) => rate));
  const height = 28 * rows.length + 44;
  const bars = rows.map(({ name, rate }, i) => {
    const y = 40 + 28 * i;
    const width = Math.max(1, (rate / highest) * 420);
    const color = name.startsWith('portkv') ? '#2f6feb' : '#8b949e';
    return (
      `<text x="190" y="${y + 14}" text-anchor="end">${name}</text>` +
      `<rect x="200" y="${y}" width="${width.toFixed(0)}" height="20" rx="3" fill="${color}"/>` +
      `<text x="${(208 + width).toFixed(0)}" y="${y + 14}">${Math.round(rate).toLocaleString('en')}</text>`
    );
  });
  return (
    `<svg role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#6e7781"><title>${title}</title>` +
    `<text x="10" y="22" font-size="15" font-weight="600">${title}</text>${bars.join('')}</svg>\n`
  );
}

/** The content of a report. */
interface Report {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly charts: readonly string[];
  readonly ratios: readonly Ratio[];
  readonly sections: readonly string[];
}

/** The whole report, as Markdown. */
export function resultsPage({ seconds, rounds, warmUpSeconds, charts, ratios, sections }: Report): string {
  const gigabytes = (totalmem() / 1e9).toFixed(0);
  const versions = ['redis-server', 'etcd'].map((program) => firstLine(program, '--version'));
  const method =
    `${rounds} rounds of ${seconds} s each, interleaved, after ${warmUpSeconds} s of the same; medians; ` +
    'with wrk the servers are on one processor, the load is on the other';
  return `# Results

Written by \`npm run bench\`. Absolute figures are this machine's; compare the ratios.

- ${cpus()[0]?.model}, ${cpus().length} processors, ${gigabytes} GB
- Node ${process.versions.node}; load by ${generator}; ${versions.join('; ')}
- ${method}

${charts.join('\n')}

## Goals

${ratioTable(ratios)}

${sections.join('\n\n')}
`;
}

function firstLine(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8' }).split('\n')[0] ?? '';
  } catch {
    return `${program} is not installed`;
  }
}
