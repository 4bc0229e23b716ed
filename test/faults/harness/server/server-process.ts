import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type HttpResponse, type RequestOptions, send } from '../../../harness/http-client.js';
import type { ServerFolder } from '../server-folder.js';

/** The program that users start. */
export const PROGRAM = fileURLToPath(new URL('../../../../../bin/portkv.js', import.meta.url));
const BROKEN_ENGINES = new URL('../../broken-engines/register.js', import.meta.url).href;
/** How long anything may take before it counts as hanging, in ms. */
export const TIMEOUT = 10_000;

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The broken engine, `broken-NAME`, that replaces json-file. */
  readonly instead?: string;
  /** Arguments of node itself. */
  readonly node?: readonly string[];
  /** The command that runs node, such as `['prlimit', '--as=…']`. */
  readonly under?: readonly string[];
}

/** How a process ended. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The real server, as users start it, in a process of its own that can be killed. */
export class ServerProcess {
  readonly ended: Promise<ExitStatus>;
  /** Its standard error: the log. */
  log = '';
  address = '';

  private constructor(
    readonly child: ChildProcess,
    private readonly keys: ReadonlyMap<string, string>,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    // A failed test leaves its servers running.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Resolves when it listens; rejects if it ends before that. */
  static async start(folder: ServerFolder, how: LaunchOptions = {}): Promise<ServerProcess> {
    const server = ServerProcess.launch(folder, how);
    await server.listening();
    return server;
  }

  /** Starts the process without waiting for anything. */
  static launch(folder: ServerFolder, { env = {}, instead, node = [], under = [] }: LaunchOptions = {}): ServerProcess {
    const args = [PROGRAM, 'serve', '--config', folder.config, '--port', '0', '--log-level', 'warn'];
    // Only if it is needed, because it makes a start longer.
    const hooks = folder.hasPackages || instead !== undefined ? ['--import', BROKEN_ENGINES] : [];
    const [command = '', ...rest] = [...under, process.execPath, ...node, ...hooks, ...args];
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const all = { ...process.env, ...env, BROKEN_JSON_FILE: instead };
    return new ServerProcess(spawn(command, rest, { stdio: [...stdio], env: all }), folder.keys);
  }

  async listening(): Promise<void> {
    let out = '';
    const announced = new Promise<void>((resolve) => {
      this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        const [, address] = /serves on (\S+)\n/.exec(out) ?? [];
        if (address === undefined) return;
        this.address = address;
        resolve();
      });
    });
    await Promise.race([announced, this.ended]);
    if (this.address === '')
      throw new Error(`the server did not start: ${JSON.stringify(await this.ended)} ${this.log}`);
  }

  /** Resolves when every project is served; rejects if one is not after `timeout` ms. */
  async ready(timeout = TIMEOUT): Promise<void> {
    const end = performance.now() + timeout;
    for (;;) {
      const { status, text } = await this.send('GET', '/readyz');
      if (status === 200) return;
      if (performance.now() > end) throw new Error(`not ready after ${timeout} ms: ${text} ${this.log}`);
      await sleep(20);
    }
  }

  /** A path without a leading slash is relative to `/api/v1/projects/`. Rejects if no response comes in time. */
  send(method: string, path: string, sent: RequestOptions = {}): Promise<HttpResponse> {
    const target = path.startsWith('/') ? path : `/api/v1/projects/${path}`;
    const key = this.keys.get(path.split('/')[0] ?? '');
    const headers = key === undefined ? sent.headers : { authorization: `Bearer ${key}`, ...sent.headers };
    return withTimeout(
      TIMEOUT,
      send(this.address, method, target, { ...sent, ...(headers && { headers }) }),
      `${method} ${path} hangs`,
    );
  }

  /** Sends the signal, and resolves when the process has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ExitStatus> {
    this.child.kill(signal);
    return withTimeout(TIMEOUT, this.ended, `the server did not end on ${signal}`);
  }
}

/** Thrown if something takes too long; unlike a broken connection, that breaks a promise. */
export class TimeoutError extends Error {}

/** The promise, or a `TimeoutError` after some ms. */
export async function withTimeout<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what}: nothing for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
