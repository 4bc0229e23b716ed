import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** Servers run on the first processor, the load generator on the second. */
const SERVER_CPU = ['-c', '0'];

/** Whether all these programs are installed. */
export function installed(...programs: readonly string[]): boolean {
  return programs.every((program) => {
    try {
      execFileSync('which', [program]);
      return true;
    } catch {
      return false;
    }
  });
}

/** A process whose output goes to files in the folder. */
export function start(command: string, args: readonly string[], folder: string): ChildProcess {
  const pinned = installed('taskset') ? `taskset ${SERVER_CPU.join(' ')}` : '';
  const script = `exec ${pinned} "$0" "$@" >>"${join(folder, 'out')}" 2>>"${join(folder, 'err')}"`;
  return spawn('sh', ['-c', script, command, ...args], { stdio: 'ignore' });
}

/** Ends the processes and removes their folder. */
export async function stop(children: readonly ChildProcess[], folder: string): Promise<void> {
  for (const child of children) await terminate(child);
  rmSync(folder, { recursive: true, force: true });
}

/** Resolves when the process has ended. */
export async function terminate(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timeout = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await exit;
  clearTimeout(timeout);
}

/** Resolves when the address responds with a status below 500. */
export async function ready(url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let tries = 0; tries < 6000; tries++) {
    const { status } = await fetch(url, { headers }).catch(() => ({ status: 503 }));
    if (status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${url} is not ready`);
}

/** Resolves when a program listens on the port. */
export async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing listens on port ${port}`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
