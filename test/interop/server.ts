import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The program that package.json names. */
export const PORTKV = join(dirname(createRequire(import.meta.url).resolve('portkv/package.json')), 'bin/portkv.js');

/** What a server prints when it serves, with its addresses. */
export const SERVES = /serves on (http[^\s,]+)(?:, (\S+))?\n/;

/** What a program prints until it has printed this. Rejects if it ends before. */
export function outputUntil(program: ChildProcess, pattern: RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (pattern.test(output)) resolve(output);
    };
    program.stdout?.on('data', read);
    program.stderr?.on('data', read);
    program.on('close', (code) => reject(new Error(`it ended with ${code}: ${output}`)));
  });
}

/** A server of its own, as its users start it, on a port that is free. */
export class Server {
  private constructor(
    readonly address: string,
    readonly folder: string,
    private readonly child: ChildProcess,
    /** The address of its second transport, if it has one. */
    readonly other: string,
  ) {}

  /** `config` is what `config.json` has; `node` is the program that runs it; `folder` has its data. */
  static async start(config: object = {}, node = process.execPath, folder = ''): Promise<Server> {
    folder ||= await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const child = spawn(node, [PORTKV, 'serve', '--config', join(folder, 'config.json'), '--port', '0']);
    const [, address = '', other = ''] = SERVES.exec(await outputUntil(child, SERVES)) ?? [];
    return new Server(address, folder, child, other);
  }

  /** Ends it, unless it has ended; returns its exit code. */
  async end(): Promise<number | null> {
    if (this.child.exitCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill('SIGTERM');
      await closed;
    }
    return this.child.exitCode;
  }

  /** Ends it and removes what it stored. */
  async stop(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
