import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../../bin/portkv.js', import.meta.url));

/** `portkv serve` as a process of its own, with its configuration in a folder. */
export class PortkvProcess {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /**
   * `output` is a file for its standard output, which is else kept in `stdout`; `prefix` is a command that runs the one
   * after it.
   */
  constructor(
    folder: string,
    options: readonly string[] = ['--port', '0'],
    { output, prefix = [] }: { output?: string; prefix?: readonly string[] } = {},
  ) {
    const serve = [process.execPath, BIN, 'serve', '--config', join(folder, 'config.json'), '--init', ...options];
    const [command = '', ...args] = [...prefix, ...serve];
    const file = output === undefined ? 'pipe' : openSync(output, 'w');
    this.child = spawn(command, args, { stdio: ['ignore', file, 'pipe'] });
    if (typeof file === 'number') closeSync(file);
    this.child.stdout?.on('data', (chunk) => (this.stdout += chunk));
    this.child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.#ended = once(this.child, 'close');
    // A failed test leaves its servers running.
    const kill = () => this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.child.once('close', () => process.off('exit', kill));
  }

  /** Resolves with its address when it serves. */
  async ready(): Promise<string> {
    for (let i = 0; i < 2400; i++) {
      const address = /serves on (http\S+)/.exec(this.stdout)?.[1];
      if (address !== undefined) return address;
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`it does not start: ${this.stderr}`);
  }

  /** One of the API keys that it printed. */
  printed(name: 'SYSTEM_KEY' | 'PROJECT_KEY'): string {
    return new RegExp(`^${name}=(\\S+)`, 'm').exec(this.stdout)?.[1] ?? '';
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async end(): Promise<number | NodeJS.Signals | null> {
    await this.#ended;
    return this.child.exitCode ?? this.child.signalCode;
  }
}
