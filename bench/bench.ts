import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender } from './contenders.js';
import { load, type Sample } from './load.js';
import { chart, type Measured, type Ratio, summarise, table } from './report.js';
import { entryKey, type Workload } from './workloads.js';

const CHARTS = join(import.meta.dirname, '../../bench/charts');

/** A load on a server, for so many seconds. */
export interface Run {
  readonly name: string;
  load(seconds: number): Promise<Sample>;
}

/** Runs loads in rounds and collects the results. */
export class Bench {
  readonly sections: string[] = [];
  readonly ratios: Ratio[] = [];
  readonly charts: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));

  constructor(
    readonly seconds: number,
    readonly rounds: number,
    /** Seconds of each load before the rounds: a server is several times slower until V8 has compiled its code. */
    readonly warmUpSeconds: number,
    /** The number of entries of a large store. */
    readonly largeStore: number,
    /** Whether charts are written to bench/charts. */
    readonly writesCharts: boolean,
  ) {}

  addSection(title: string, text: string): void {
    this.sections.push(`## ${title}\n\n${text}`);
  }

  /** Puts the same load on all contenders, from 64 connections, and stops them. */
  async compare(title: string, workload: Workload, started: readonly Promise<Contender>[]): Promise<Measured[]> {
    const contenders = await Promise.all(started);
    for (const contender of contenders) await this.prepare(contender);
    const rows = await this.interleaved(
      contenders.map((contender) => ({ contender, workload })),
      64,
    );
    this.addSection(title, table(rows));
    await Promise.all(contenders.map((contender) => contender.stop()));
    return rows;
  }

  /** Puts loads on servers from so many connections, in rounds. */
  interleaved(
    runs: readonly { readonly contender: Contender; readonly workload: Workload; readonly name?: string }[],
    connections: number,
  ): Promise<Measured[]> {
    return this.inRounds(
      runs.map(({ contender, workload, name = contender.name }) => ({
        name,
        load: (seconds) =>
          load(contender, { requests: workload(contender), connections, seconds, folder: this.folder }),
      })),
    );
  }

  /**
   * Warms up every run, then interleaves the rounds (A B C A B C …), so that other work on the machine affects all
   * alike.
   */
  async inRounds(runs: readonly Run[]): Promise<Measured[]> {
    for (const run of runs) await run.load(this.warmUpSeconds);
    const samples = runs.map((): Sample[] => []);
    for (let round = 0; round < this.rounds; round++) {
      for (const [i, run] of runs.entries()) {
        const sample = await run.load(this.seconds);
        log(run.name, sample);
        samples[i]?.push(sample);
      }
    }
    return runs.map(({ name }, i) => summarise(name, samples[i] ?? []));
  }

  async once(contender: Contender, workload: Workload, connections: number, name = contender.name): Promise<Sample> {
    const { seconds, folder } = this;
    const sample = await load(contender, { requests: workload(contender), connections, seconds, folder });
    log(name, sample);
    return sample;
  }

  /** Runs a load without measuring it. */
  async warmUp(contender: Contender, workload: Workload, connections = 64): Promise<void> {
    const { warmUpSeconds: seconds, folder } = this;
    await load(contender, { requests: workload(contender), connections, seconds, folder });
  }

  /** Stores the value that `readOne` reads. */
  async prepare(contender: Contender): Promise<void> {
    const { method, path, body } = contender.put('one', 'x'.repeat(100));
    const headers = { ...contender.headers, 'Content-Type': 'text/plain' };
    await fetch(contender.url + path, { method, headers, body: body ?? null });
  }

  /**
   * Adds the ratio of the rates of two rows, if both were measured. One request of `ours` counts as `times` requests.
   */
  addRatio(rows: readonly Measured[], what: string, ours: string, theirs: string, goal: number, times = 1): void {
    const rate = (name: string) => rows.find((row) => row.name === name)?.rate;
    const [a, b] = [rate(ours), rate(theirs)];
    if (a !== undefined && b !== undefined) this.ratios.push({ what, value: (times * a) / b, goal });
  }

  addChart(name: string, title: string, rows: readonly Measured[]): void {
    this.charts.push(`![${title}](charts/${name}.svg)`);
    if (!this.writesCharts) return;
    mkdirSync(CHARTS, { recursive: true });
    const sorted = [...rows].sort((a, b) => b.rate - a.rate);
    writeFileSync(join(CHARTS, `${name}.svg`), chart(title, sorted));
  }

  /** Removes the temporary files. */
  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function log(name: string, { rate, cpu, p99 }: Sample): void {
  console.log(`${name}: ${Math.round(rate)}/s, ${cpu.toFixed(1)} µs, p99 ${p99} ms`);
}

/** Stores `count` entries of `bytes` bytes in PortKV. */
export async function fill({ url, headers }: Contender, count: number, bytes: number): Promise<void> {
  const text = 'x'.repeat(bytes);
  for (let from = 0; from < count; from += 1000) {
    const operations = Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
      put: { key: entryKey(from + i), text },
    }));
    const response = await fetch(`${url}/api/v1/projects/bench/transactions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ operations }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
}
