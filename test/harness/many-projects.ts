import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/portkv.js', import.meta.url));
/** Clock ticks in a second, in which Linux counts the time of a process. */
const TICKS = 100;

/** A folder with the configuration of many projects that need no key, and a server on it in a process of its own. */
export class ManyProjects {
  private constructor(
    readonly folder: string,
    readonly ids: readonly string[],
  ) {}

  static async make(count: number, engine: string): Promise<ManyProjects> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const authentication = { enabled: false };
    const ids = Array.from({ length: count }, (_, i) => `p${i}`);
    const projects = ids.map((id) => ({ id, storage: { engine }, authentication }));
    const config = { version: 1, system: { authentication }, projects };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    return new ManyProjects(folder, ids);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Starts a server that may have so many handles, and resolves when it listens. */
  async start(handles: number): Promise<LimitedServer> {
    const command = `ulimit -n ${handles}; exec "$0" "$@"`;
    const serve = [BIN, 'serve', '--config', join(this.folder, 'config.json'), '--port', '0', '--log-level', 'error'];
    const child = spawn('sh', ['-c', command, process.execPath, ...serve], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let address: string | undefined;
    for await (const chunk of child.stdout) {
      address = /serves on (http\S+)/.exec(String(chunk))?.[1];
      if (address !== undefined) break;
    }
    if (address === undefined) throw new Error('it does not start');
    const stop = async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    };
    return { address, pid: child.pid as number, stop };
  }
}

export interface LimitedServer {
  readonly address: string;
  readonly pid: number;
  /** Resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** The processor time of a process so far, in seconds. */
export function processorTime(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) / TICKS;
}

/** Resolves when all projects are served, with the longest time that `/livez` took meanwhile, in ms. */
export async function untilReady({ address }: LimitedServer): Promise<number> {
  let longest = 0;
  for (;;) {
    const began = performance.now();
    await (await fetch(`${address}/livez`)).text();
    longest = Math.max(longest, performance.now() - began);
    const ready = await fetch(`${address}/readyz`);
    await ready.text();
    if (ready.status === 200) return longest;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a task for each item, a few at a time. */
export async function forEach<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await task(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
