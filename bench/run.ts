import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Contender, etcd, installed, local, portkv, webdis } from './contenders.js';
import { chart, type Measured, type Ratio, ratioTable, summarise, table } from './report.js';
import { msets, pages, readOne, transactions, type Workload, writeMany, ycsb } from './workloads.js';
import { memoryOf, type Sample, wrk } from './wrk.js';

/** `npm run bench`: everything in one go, rounds interleaved. BENCH_SECONDS and BENCH_ROUNDS make it shorter or longer. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const MANY = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const FEW = 1000;
const out = join(import.meta.dirname, '../../bench');
const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
const sections: string[] = [];
const ratios: Ratio[] = [];
const charts: string[] = [];

if (!installed('wrk', 'taskset')) {
  console.error('This benchmark needs wrk and taskset: apt-get install wrk util-linux');
  process.exit(1);
}
const redis = installed('redis-server', 'webdis');
const hasEtcd = installed('etcd');

const all = { reads, writes, manyAtOnce, popularity, growth, encryption, company, listing };
/** BENCH_ONLY names the parts to run, such as `reads,listing`; the report then has those only and goes to the terminal. */
const only = process.env.BENCH_ONLY?.split(',');
for (const [name, part] of Object.entries(all)) if (only?.includes(name) ?? true) await part();
report();
rmSync(folder, { recursive: true, force: true });

async function reads(): Promise<void> {
  const rows = await compare('One value of 100 bytes, read by 64 connections', readOne, [
    local('bare'),
    local('express'),
    local('unstorage-memory'),
    portkv('lmdb'),
    portkv('json-file'),
    portkv('memory'),
    ...(redis ? [webdis(false)] : []),
    ...(hasEtcd ? [etcd()] : []),
  ]);
  against(rows, 'GET one value, lmdb, against bare node:http', 'portkv lmdb', 'bare', 0.8);
  against(rows, 'GET one value, lmdb, against unstorage on memory', 'portkv lmdb', 'unstorage-memory', 1);
  against(rows, 'GET one value, lmdb, against express doing nothing', 'portkv lmdb', 'express', 4.5);
  draw('read', 'Reads a second, 64 connections', rows);
}

async function writes(): Promise<void> {
  const rows = await compare('Values of 100 bytes, written by 64 connections', writeMany(100), [
    local('bare'),
    local('express'),
    local('unstorage-memory'),
    local('unstorage-fs'),
    portkv('lmdb'),
    portkv('json-file'),
    portkv('memory'),
    ...(redis ? [webdis(true)] : []),
    ...(hasEtcd ? [etcd()] : []),
  ]);
  against(rows, 'durable PUT, lmdb, against bare node:http reading the body', 'portkv lmdb', 'bare', 0.6);
  against(rows, 'durable PUT, json-file, against bare node:http reading the body', 'portkv json-file', 'bare', 0.6);
  against(rows, 'durable PUT, lmdb, against etcd’s gateway', 'portkv lmdb', 'etcd gateway', 1.4);
  draw(
    'write',
    'Durable writes a second, 64 connections',
    rows.filter(({ name }) => name !== 'unstorage-memory'),
  );
}

async function manyAtOnce(): Promise<void> {
  const lmdb = await portkv('lmdb');
  const rivals = redis ? [await webdis(true)] : [];
  await warm(lmdb);
  const rows = [
    await measure(lmdb, transactions, 'transactions of 100 puts, portkv lmdb'),
    await measure(lmdb, writeMany(100), 'single puts, portkv lmdb'),
    await measure(lmdb, pages, 'pages of 100 items, portkv lmdb'),
    ...(await Promise.all(rivals.map((rival) => measure(rival, msets, 'MSET of 100, webdis + Redis, fsync')))),
  ];
  sections.push(`## Many entries at once\n\n${table(rows)}`);
  const [many, single, , mset] = rows as [Measured, Measured, Measured, Measured | undefined];
  ratios.push({
    what: 'entries/s in transactions of 100 puts against single PUTs',
    value: (many.rate * 100) / single.rate,
    goal: 15,
  });
  if (mset)
    ratios.push({
      what: 'transactions of 100 puts against MSET by webdis + Redis',
      value: many.rate / mset.rate,
      goal: 3,
    });
  await Promise.all([lmdb, ...rivals].map((contender) => contender.stop()));
}

async function popularity(): Promise<void> {
  const contenders = await Promise.all([portkv('lmdb'), portkv('json-file'), portkv('memory')]);
  const keys = 10_000;
  for (const contender of contenders) await fill(contender, keys, 100);
  for (const kind of ['A', 'B', 'C', 'F'] as const) {
    const rows = await interleaved(contenders, ycsb(kind, keys, 100), 64);
    sections.push(`## YCSB ${kind}: 10,000 entries of 100 bytes, zipfian, 64 connections\n\n${table(rows)}`);
  }
  const one = await interleaved(contenders, ycsb('B', keys, 100), 1);
  sections.push(`## YCSB B, one connection\n\n${table(one)}`);
  await Promise.all(contenders.map((contender) => contender.stop()));
}

async function growth(): Promise<void> {
  for (const engine of ['lmdb', 'json-file']) {
    const [small, large] = [await portkv(engine), await portkv(engine)];
    const before = memoryOf(large.pids[0] as number);
    await fill(small, FEW, 100);
    await fill(large, MANY, 100);
    const after = memoryOf(large.pids[0] as number);
    const rows: Measured[] = [];
    for (const [what, kind] of [
      ['GET', 'C'],
      ['PUT and GET', 'A'],
    ] as const) {
      const samples: Sample[][] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        samples[0]?.push(await once(small, ycsb(kind, FEW, 100), 64));
        samples[1]?.push(await once(large, ycsb(kind, MANY, 100), 64));
      }
      const [few, many] = [
        summarise(`${what}, ${FEW} entries`, samples[0] ?? []),
        summarise(`${what}, ${MANY} entries`, samples[1] ?? []),
      ];
      rows.push(few, many);
      ratios.push({
        what: `${what} at ${MANY} entries against ${FEW}, ${engine}`,
        value: many.rate / few.rate,
        goal: 0.8,
      });
    }
    const grown = ((after.anonymous - before.anonymous) / 1e6).toFixed(0);
    sections.push(
      `## Growth, ${engine}\n\n${table(rows)}\n\nIdle ${(before.resident / 1e6).toFixed(0)} MB resident; ${MANY} entries add ${grown} MB of anonymous memory.`,
    );
    if (engine === 'lmdb') {
      ratios.push({ what: 'idle memory, MB', value: before.resident / 1e6, goal: 90, atMost: true });
      ratios.push({
        what: `anonymous memory added by ${MANY} entries, lmdb, MB`,
        value: Number(grown),
        goal: 100,
        atMost: true,
      });
    }
    await Promise.all([small.stop(), large.stop()]);
  }
}

async function encryption(): Promise<void> {
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
  const [plain, encrypted] = await Promise.all([portkv('lmdb'), portkv('lmdb', { encryption: { key_file: keyFile } })]);
  for (const contender of [plain, encrypted]) await fill(contender, FEW, 100);
  for (const [what, workload] of [
    ['GET', ycsb('C', FEW, 100)],
    ['PUT', writeMany(100)],
  ] as const) {
    const [a, b] = (await interleaved([plain, { ...encrypted, name: 'portkv lmdb, encrypted' }], workload, 64)) as [
      Measured,
      Measured,
    ];
    sections.push(`## Encryption, ${what}\n\n${table([a, b])}`);
    ratios.push({ what: `${what} encrypted against plain`, value: b.rate / a.rate, goal: 0.85 });
  }
  await Promise.all([plain.stop(), encrypted.stop()]);
}

/** Readers while one lists everything and another moves the engine. */
async function company(): Promise<void> {
  const contender = await portkv('lmdb');
  await fill(contender, MANY, 100);
  const quiet = await once(contender, ycsb('C', MANY, 100), 64);
  let listing = true;
  const lists = (async () => {
    while (listing) {
      const response = await fetch(`${contender.url}/api/v1/projects/bench/store`, { headers: contender.headers });
      for await (const _ of response.body ?? []) if (!listing) break;
    }
  })();
  await fetch(`${contender.url}/api/v1/projects/bench`, {
    method: 'PUT',
    headers: contender.headers,
    body: JSON.stringify({ storage: { engine: 'json-file' } }),
  });
  const busy = await once(contender, ycsb('C', MANY, 100), 64);
  listing = false;
  await lists.catch(() => undefined);
  const rows = [summarise('quiet', [quiet]), summarise('while listing and moving', [busy])];
  sections.push(`## 64 readers while one lists ${MANY} entries and the engine is changed\n\n${table(rows)}`);
  ratios.push({
    what: 'p99 of readers while listing and moving against quiet',
    value: busy.p99 / quiet.p99,
    goal: 3,
    atMost: true,
  });
  await contender.stop();
}

/** Every entry through one request, with the server's memory beside it. */
async function listing(): Promise<void> {
  const contender = await portkv('lmdb');
  await fill(contender, MANY, 100);
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
  sections.push(
    `## The whole store by one request\n\n${MANY} entries, ${(bytes / 1e6).toFixed(0)} MB by curl in ${seconds} s; anonymous memory ` +
      `${(before / 1e6).toFixed(0)} MB before, at most ${(most / 1e6).toFixed(0)} MB meanwhile.`,
  );
  await contender.stop();
}

async function compare(
  title: string,
  workload: Workload,
  starting: readonly Promise<Contender>[],
): Promise<Measured[]> {
  const contenders = await Promise.all(starting);
  for (const contender of contenders) await warm(contender);
  const rows = await interleaved(contenders, workload, 64);
  sections.push(`## ${title}\n\n${table(rows)}`);
  await Promise.all(contenders.map((contender) => contender.stop()));
  return rows;
}

/** A B C A B C …, so that what else the machine does falls on all alike. */
async function interleaved(
  contenders: readonly Contender[],
  workload: Workload,
  connections: number,
): Promise<Measured[]> {
  const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) samples.get(contender)?.push(await once(contender, workload, connections));
  }
  return contenders.map((contender) => summarise(contender.name, samples.get(contender) ?? []));
}

async function measure(contender: Contender, workload: Workload, name: string): Promise<Measured> {
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) samples.push(await once(contender, workload, 64));
  return summarise(name, samples);
}

async function once(contender: Contender, workload: Workload, connections: number): Promise<Sample> {
  const sample = await wrk(contender, { connections, seconds: SECONDS, script: workload(contender), folder });
  console.log(`${contender.name}: ${Math.round(sample.rate)}/s, ${sample.cpu.toFixed(1)} µs, p99 ${sample.p99} ms`);
  return sample;
}

/** Stores the value that is read, and lets the compiler see the code once. */
async function warm(contender: Contender): Promise<void> {
  const { method, path, body } = contender.put('one', 'x'.repeat(100));
  const headers = { ...contender.headers, 'Content-Type': 'text/plain' };
  await fetch(contender.url + path, { method, headers, body });
  await wrk(contender, { connections: 64, seconds: 1, script: readOne(contender), folder });
}

async function fill(contender: Contender, count: number, bytes: number): Promise<void> {
  const text = 'x'.repeat(bytes);
  for (let from = 0; from < count; from += 1000) {
    const operations = Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
      put: { key: `user${String(from + i).padStart(7, '0')}`, text },
    }));
    const response = await fetch(`${contender.url}/api/v1/projects/bench/transactions`, {
      method: 'POST',
      headers: contender.headers,
      body: JSON.stringify({ operations }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
}

function against(rows: readonly Measured[], what: string, ours: string, theirs: string, goal: number): void {
  const rate = (name: string) => rows.find((row) => row.name === name)?.rate;
  const [a, b] = [rate(ours), rate(theirs)];
  if (a !== undefined && b !== undefined) ratios.push({ what, value: a / b, goal });
}

function draw(name: string, title: string, rows: readonly Measured[]): void {
  mkdirSync(join(out, 'charts'), { recursive: true });
  writeFileSync(
    join(out, 'charts', `${name}.svg`),
    chart(
      title,
      [...rows].sort((a, b) => b.rate - a.rate),
    ),
  );
  charts.push(`![${title}](charts/${name}.svg)`);
}

function report(): void {
  const versionOf = (program: string, ...args: string[]) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0];
    } catch (error) {
      return (error as { stdout?: string }).stdout?.split('\n')[0] || 'not installed';
    }
  };
  const machine = [
    `${cpus()[0]?.model}, ${cpus().length} processors, ${(totalmem() / 1e9).toFixed(0)} GB`,
    `Node ${process.versions.node}; ${versionOf('wrk', '-v')}; ${versionOf('redis-server', '--version')}; ${versionOf('etcd', '--version')}`,
    `${ROUNDS} rounds of ${SECONDS} s each, interleaved; the server on one processor, the load on the other; medians`,
  ];
  const text = `# Results\n\nWritten by \`npm run bench\`. Absolute figures are this machine's; compare the ratios.\n\n${machine.map((line) => `- ${line}`).join('\n')}\n\n${charts.join('\n')}\n\n## Goals\n\n${ratioTable(ratios)}\n\n${sections.join('\n\n')}\n`;
  if (only === undefined) writeFileSync(join(out, 'RESULTS.md'), text);
  console.log(only === undefined ? ratioTable(ratios) : text);
}
