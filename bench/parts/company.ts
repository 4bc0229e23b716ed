import { execFile } from 'node:child_process';
import { type Bench, fill } from '../bench.js';
import { portkv } from '../contenders.js';
import { idle, memoryOf, type Sample } from '../load.js';
import { summarise, table } from '../report.js';
import { ycsb } from '../workloads.js';

/** Readers while one lists everything and another changes the engine, to and fro. */
export async function company(bench: Bench): Promise<void> {
  const { many } = bench;
  const contender = await portkv('lmdb');
  await fill(contender, many, 100);
  const project = `${contender.url}/api/v1/projects/bench`;
  const { headers } = contender;
  const [quiet, busy]: [Sample[], Sample[]] = [[], []];
  await bench.warm(contender, ycsb('C', many, 100));
  let [to, moves] = ['json-file', 0];
  for (let round = 0; round < bench.rounds; round++) {
    // A move leaves work behind, such as merging the journal into the store file.
    await idle(contender.pids);
    quiet.push(await bench.once(contender, ycsb('C', many, 100), 64, 'quiet'));
    const stopped = new AbortController();
    const others = [
      untilStopped(stopped.signal, async (signal) => {
        const response = await fetch(`${project}/store`, { headers, signal });
        for await (const _ of response.body ?? []);
      }),
      untilStopped(stopped.signal, async () => {
        await moveTo(project, headers, to);
        to = to === 'lmdb' ? 'json-file' : 'lmdb';
        moves += 1;
      }),
    ];
    busy.push(await bench.once(contender, ycsb('C', many, 100), 64, 'while listing and moving'));
    stopped.abort();
    await Promise.all(others);
  }
  const rows = [summarise('quiet', quiet), summarise('while listing and moving', busy)];
  bench.tell(
    `64 readers while one lists ${many} entries and the engine is changed`,
    `${table(rows)}\n\n${moves} moves.`,
  );
  const value = (rows[1]?.p99 ?? Number.NaN) / (rows[0]?.p99 ?? Number.NaN);
  bench.ratios.push({ what: 'p99 of readers while listing and moving against quiet', value, goal: 3, atMost: true });
  await contender.stop();
}

async function untilStopped(signal: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await act(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Resolves when the move has ended. */
async function moveTo(project: string, headers: Readonly<Record<string, string>>, engine: string): Promise<void> {
  const body = JSON.stringify({ storage: { engine } });
  const begun = await fetch(project, { method: 'PUT', headers, body });
  if (!begun.ok) throw new Error(await begun.text());
  const migration = begun.headers.get('location');
  if (migration === null) return;
  for (;;) {
    const response = await fetch(new URL(migration, project), { headers });
    const { data } = (await response.json()) as { data: { state: string } };
    if (data.state === 'done') return;
    if (data.state !== 'copying') throw new Error(`the move ended as ${data.state}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Every entry through one request, with the server's memory beside it. */
export async function listing(bench: Bench): Promise<void> {
  const contender = await portkv('lmdb');
  await fill(contender, bench.many, 100);
  const [pid] = contender.pids as [number];
  const before = memoryOf(pid).anonymous;
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, memoryOf(pid).anonymous);
  }, 50);
  const began = performance.now();
  const header = Object.entries(contender.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const url = `${contender.url}/api/v1/projects/bench/store`;
  const bytes = await new Promise<number>((resolve, reject) => {
    execFile('curl', ['-s', '-o', '/dev/null', '-w', '%{size_download}', ...header, url], (error, stdout) =>
      error ? reject(error) : resolve(Number(stdout)),
    );
  });
  clearInterval(watching);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  bench.tell(
    'The whole store by one request',
    `${bench.many} entries, ${(bytes / 1e6).toFixed(0)} MB by curl in ${seconds} s; anonymous memory ` +
      `${(before / 1e6).toFixed(0)} MB before, at most ${(most / 1e6).toFixed(0)} MB meanwhile.`,
  );
  await contender.stop();
}
