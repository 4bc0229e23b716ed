import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import type { Contender, LoadRequest } from './contenders.js';
import { installed } from './processes.js';

const run = promisify(execFile);

/** The result of one load on one server. */
export interface Sample {
  /** Requests a second. */
  readonly rate: number;
  /** Processor time of the server per request, in µs. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The number of responses that were no success. */
  readonly failed: number;
}

export interface Load {
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly seconds: number;
  /** For the files that wrk reads. */
  readonly folder: string;
}

type Measurement = Omit<Sample, 'cpu'> & { readonly count: number };

/** The load generator. wrk needs a tenth of autocannon's processor time, but has to be installed. */
export const generator = installed('wrk', 'taskset') ? 'wrk' : 'autocannon';

/** Puts load on a server; wrk runs on the second processor. */
export async function load(contender: Contender, options: Load): Promise<Sample> {
  const before = cpuOf(contender.pids);
  const { count, ...sample } = await (generator === 'wrk' ? runWrk : runAutocannon)(contender, options);
  const cpu = cpuOf(contender.pids) - before;
  return { ...sample, cpu: count === 0 ? 0 : (cpu * 1e6) / count };
}

/** Sends the requests in a file, again and again. Each line of it has method, path and body. */
const SCRIPT = `
wrk.headers["Content-Type"] = "text/plain"
local requests, n = {}, 0
init = function(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
end
request = function()
  n = n % #requests + 1
  return requests[n]
end
`;

async function runWrk(contender: Contender, { requests, connections, seconds, folder }: Load): Promise<Measurement> {
  const [script, lines] = [join(folder, 'load.lua'), join(folder, 'requests')];
  writeFileSync(script, SCRIPT);
  writeFileSync(lines, requests.map(({ method, path, body = '' }) => `${method} ${path} ${body}\n`).join(''));
  const args = ['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script];
  const headers = Object.entries(contender.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const { stdout } = await run('taskset', [...args, ...headers, contender.url, '--', lines]);
  return {
    count: Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0),
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0),
    p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    p99: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  };
}

async function runAutocannon({ url, headers }: Contender, options: Load): Promise<Measurement> {
  const { connections, seconds, requests } = options;
  const all = { ...headers, 'Content-Type': 'text/plain' };
  const sent = requests.map(({ method, path, body }) => ({ method, path, ...(body === undefined ? {} : { body }) }));
  const result = await autocannon({ url, connections, duration: seconds, headers: all, requests: sent as [] });
  return {
    count: result.requests.total,
    rate: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx,
  };
}

/** Seconds of processor time that the processes have used. */
export function cpuOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((a, b) => a + b, 0) / 100;
}

/** Resolves when the processes use less than a tenth of a processor. */
export async function idle(pids: readonly number[]): Promise<void> {
  for (;;) {
    const before = cpuOf(pids);
    await sleep(500);
    if (cpuOf(pids) - before < 0.05) return;
  }
}

/** Resident and anonymous memory of a process, in bytes. */
export function memoryOf(pid: number): { readonly resident: number; readonly anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { resident: kilobytes('VmRSS'), anonymous: kilobytes('RssAnon') };
}

function milliseconds(text: string | undefined): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text ?? '') ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit ?? ''] ?? Number.NaN);
}
