import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';

/**
 * Measures what open streams of changes cost: memory, and how much they slow writers, in writes a second and in
 * processor time of the server per write. Server and readers are processes of their own; this one writes.
 *
 * `node dist/bench/change-feed.js [streams] [engine] [filter] [rate]`. The filter is a query: `?prefix=nothing` for
 * streams that stay idle, `?key=key-N` for one key each. The rate is about how many writes a second there are; without
 * it the writers write as fast as they can.
 */
const [streams = '1000', engine = 'memory', filter = '', rate = ''] = process.argv.slice(2);
/** In ms. */
const ROUND = 2_000;
const ROUNDS = 5;
/** How long writers run before the rounds, in ms, so that V8 has compiled the server's code. */
const WARM_UP = 4_000;
const WRITERS = 4;

interface Address {
  readonly address: string;
  readonly key: string;
}

interface Round {
  readonly perSecond: number;
  readonly p99: number;
  /** Processor time of the server per write, in µs. */
  readonly cost: number;
}

if (process.argv[2] === 'server') await serve(process.argv[3] ?? 'memory');
else if (process.argv[2] === 'readers') await read();
else await measure();

async function measure(): Promise<void> {
  const server = child('server', engine);
  const { address, key } = await once<Address>(server);
  const readers = child('readers');
  await once(readers);
  await write(address, key, WARM_UP);
  const measureRound = async (): Promise<Round> => {
    const cpuBefore = (await usage(server)).cpu;
    const round = await write(address, key, ROUND);
    const cpu = (await usage(server)).cpu - cpuBefore;
    return { ...round, cost: cpu / ((round.perSecond * ROUND) / 1000) };
  };
  const before = (await usage(server, true)).rss;
  const rounds: Round[][] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    rounds[0]?.push(await measureRound());
    readers.send({ address, key, open: Number(streams), filter });
    await once(readers);
    if (i === 0) {
      const after = (await usage(server, true)).rss;
      console.log(`${streams} streams: ${((after - before) / 1024 / 1024).toFixed(1)} MB`);
    }
    rounds[1]?.push(await measureRound());
    readers.send({ open: 0 });
    const received = await once<{ events: number; resyncs: number }>(readers);
    console.log(`read: ${received.events} events, ${received.resyncs} resync`);
  }
  const [without, withStreams] = rounds.map(medianRound) as [Round, Round];
  console.log(`without: ${describe(without)}\nwith:    ${describe(withStreams)}`);
  console.log(`writes are slower by ${(100 * (1 - withStreams.perSecond / without.perSecond)).toFixed(1)} %`);
  console.log(`the server takes ${(withStreams.cost / without.cost).toFixed(2)} times the processor time a write`);
  for (const process of [server, readers]) process.kill();
}

function medianRound(rounds: readonly Round[]): Round {
  return rounds.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds.length / 2)] as Round;
}

function describe({ perSecond, p99, cost }: Round): string {
  return `${Math.round(perSecond)} writes/s, p99 ${p99.toFixed(1)} ms, ${cost.toFixed(0)} µs a write`;
}

function child(...args: string[]): ChildProcess {
  return fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc', '--enable-source-maps'] });
}

function once<T>(process: ChildProcess): Promise<T> {
  return new Promise((resolve) => process.once('message', (message) => resolve(message as T)));
}

interface Usage {
  /** In bytes; after a garbage collection if it was requested. */
  readonly rss: number;
  /** In µs. */
  readonly cpu: number;
}

async function usage(server: ChildProcess, collectGarbage = false): Promise<Usage> {
  server.send(collectGarbage ? 'collect-garbage' : 'now');
  return once<Usage>(server);
}

async function write(address: string, key: string, duration: number): Promise<Omit<Round, 'cost'>> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const start = performance.now();
  const end = start + duration;
  const put = (i: number) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${address}/api/v1/projects/p/values/key-${i % 1000}`, {
        agent,
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-length': 5 },
      });
      sent.on('response', (response) => response.resume().on('end', resolve));
      sent.on('error', reject);
      sent.end('value');
    });
  const writer = async (from: number) => {
    for (let i = from; performance.now() < end; i++) {
      const began = performance.now();
      await put(i);
      times.push(performance.now() - began);
      const due = start + times.length * (1000 / Number(rate || Number.POSITIVE_INFINITY));
      if (due - performance.now() > 1) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i * 250)));
  agent.destroy();
  times.sort((a, b) => a - b);
  return { perSecond: times.length / (duration / 1000), p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

async function serve(name: string): Promise<void> {
  const { startServer } = await import('../src/composition/start-server.js');
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const running = await startServer(
    { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'error' },
    'bench',
  );
  const created = await fetch(`${running.address}/api/v1/projects`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.firstKeys?.system}` },
    body: JSON.stringify({ id: 'p', storage: { engine: name } }),
  });
  const { data } = (await created.json()) as { data: { new_api_key: string } };
  process.on('message', async (message) => {
    if (message === 'collect-garbage') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (let i = 0; i < 3; i++) (globalThis as unknown as { gc: () => void }).gc();
    }
    const { user, system } = process.cpuUsage();
    process.send?.({ rss: process.memoryUsage().rss, cpu: user + system } satisfies Usage);
  });
  process.on('disconnect', async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit();
  });
  process.send?.({ address: running.address, key: data.new_api_key });
}

async function read(): Promise<void> {
  let open: ReturnType<typeof connect>[] = [];
  let received = { events: 0, resyncs: 0 };
  process.on('message', async (message: { address: string; key: string; open: number; filter: string }) => {
    if (message.open === 0) {
      for (const socket of open) socket.destroy();
      open = [];
      process.send?.(received);
      received = { events: 0, resyncs: 0 };
      return;
    }
    const { hostname, port } = new URL(message.address);
    const head = (i: number) => [
      `GET /api/v1/projects/p/changes${message.filter.replace('N', String(i))} HTTP/1.1`,
      `Host: ${hostname}`,
      `Authorization: Bearer ${message.key}`,
      'Accept: text/event-stream',
    ];
    open = await Promise.all(
      Array.from({ length: message.open }, async (_, i) => {
        const socket = connect(Number(port), hostname);
        socket.write(`${head(i).join('\r\n')}\r\n\r\n`);
        socket.on('data', (chunk) => {
          if (i > 0) return;
          received.events += chunk.toString().split('event: put').length - 1;
          received.resyncs += chunk.toString().split('event: resync').length - 1;
        });
        await new Promise((resolve) => socket.once('data', resolve));
        return socket;
      }),
    );
    process.send?.('open');
  });
  process.send?.('ready');
}
