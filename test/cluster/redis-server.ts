import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../harness/free-port.js';

/** Why no server can be started here; undefined if one can. */
export async function missingRedis(): Promise<string | undefined> {
  return promisify(execFile)('redis-server', ['--version']).then(
    () => undefined,
    () => 'Redis is not installed (apt-get install redis-server)',
  );
}

/** A server of its own on loopback, its data in a folder that goes with it. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Runs a command, and returns what `redis-cli` prints. */
  command(...words: string[]): Promise<string>;
  start(): void;
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** One that syncs each commit; `more` are further settings. */
export async function startRedis(more: Readonly<Record<string, string | number>> = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-redis-'));
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    ...more,
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  let child = spawn('redis-server', words, { stdio: 'ignore' });
  const kill = async () => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    command: async (...command) => {
      const { stdout } = await promisify(execFile)('redis-cli', ['-p', `${port}`, ...command]);
      return stdout;
    },
    start: () => {
      child = spawn('redis-server', words, { stdio: 'ignore' });
    },
    kill,
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
