import { execFile } from 'node:child_process';
import { type Bench, fill } from '../bench.js';
import { portkv } from '../contenders.js';
import { idle, memoryOf, type Sample } from '../load.js';
import { summarise, table } from '../report.js';
import { ycsb } from '../workloads.js';

/** Readers while another client lists the whole store and a third changes the engine back and forth. */
export async function backgroundWork(bench: Bench): Promise<void> {
  const { largeStore } = bench;
  const contender = await portkv('lmdb');
  await fill(contender, largeStore, 100);
  const project = `${contender.url}/api/v1/projects/bench`;
  const { headers } = contender;
  const [quiet, busy]: [Sample[], Sample[]] = [[], []];
  await bench.warmUp(contender, ycsb('C', largeStore, 100));
  let [nextEngine, moves] = ['json-file', 0];
  for (let round = 0; round < bench.rounds; round++) {
    // After a move the server still has work to do, such as compacting the journal.
    await idle(contender.pids);
    quiet.push(await bench.once(contender, ycsb('C', largeStore, 100), 64, 'quiet'));
    const abort = new AbortController();
    const background = [
      repeatUntil(abort.signal, async (signal) => {
        const response = await fetch(`${project}/store`, { headers, signal });
        for await (const _ of response.body ?? []);
      }),
      repeatUntil(abort.signal, async () => {
        await changeEngine(project, headers, nextEngine);
        nextEngine = nextEngine === 'lmdb' ? 'json-file' : 'lmdb';
        moves += 1;
      }),
    ];
    busy.push(await bench.once(contender, ycsb('C', largeStore, 100), 64, 'while listing and moving'));
    abort.abort();
    await Promise.all(background);
  }
  const rows = [summarise('quiet', quiet), summarise('while listing and moving', busy)];
  bench.addSection(
    `64 readers while one lists ${largeStore} entries and the engine is changed`,
    `${table(rows)}\n\n${moves} moves.`,
  );
  const value = (rows[1]?.p99 ?? Number.NaN) / (rows[0]?.p99 ?? Number.NaN);
  bench.ratios.push({ what: 'p99 of readers while listing and moving against quiet', value, goal: 3, atMost: true });
  await contender.stop();
}

async function repeatUntil(signal: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await act(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Resolves when the data has moved. */
async function changeEngine(project: string, headers: Readonly<Record<string, string>>, engine: string): Promise<void> {
  const body = JSON.stringify({ storage: { engine } });
  const update = await fetch(project, { method: 'PUT', headers, body });
  if (!update.ok) throw new Error(await update.text());
  const migration = update.headers.get('location');
  if (migration === null) return;
  for (;;) {
    const response = await fetch(new URL(migration, project), { headers });
    const { data } = (await response.json()) as { data: { state: string } };
    if (data.state === 'done') return;
    if (data.state !== 'copying') throw new Error(`the move ended as ${data.state}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Lists every entry in one request and measures the server's memory meanwhile. */
export async function listing(bench: Bench): Promise<void> {
  const contender = await portkv('lmdb');
  await fill(contender, bench.largeStore, 100);
  const [pid] = contender.pids as [number];
  const before = memoryOf(pid).anonymous;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, memoryOf(pid).anonymous);
  }, 50);
  const began = performance.now();
  const header = Object.entries(contender.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const url = `${contender.url}/api/v1/projects/bench/store`;
  const bytes = await new Promise<number>((resolve, reject) => {
    execFile('curl', ['-s', '-o', '/dev/null', '-w', '%{size_download}', ...header, url], (error, stdout) =>
      error ? reject(error) : resolve(Number(stdout)),
    );
  });
  clearInterval(sampling);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  bench.addSection(
    'The whole store by one request',
    `${bench.largeStore} entries, ${(bytes / 1e6).toFixed(0)} MB by curl in ${seconds} s; anonymous memory ` +
      `${(before / 1e6).toFixed(0)} MB before, at most ${(peak / 1e6).toFixed(0)} MB meanwhile.`,
  );
  await contender.stop();
}
