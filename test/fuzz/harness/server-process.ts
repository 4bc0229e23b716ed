import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessFigures, Started } from './server-main.js';

const MAIN = fileURLToPath(new URL('server-main.js', import.meta.url));

/** A server in a process of its own, so that its memory is measured alone and its crash is noticed. */
export class ServerProcess {
  #output = '';
  #exit: string | undefined;

  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    child.on('exit', (code, signal) => {
      this.#exit = `the server ended with ${code ?? signal}`;
    });
  }

  static async start(): Promise<ServerProcess & { readonly started: Started }> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const child = fork(MAIN, [folder], {
      execArgv: ['--expose-gc', '--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const server = new ServerProcess(folder, child);
    const failed = once(child, 'exit').then(() => {
      throw new Error(server.trouble());
    });
    const [started] = (await Promise.race([once(child, 'message'), failed])) as [Started];
    failed.catch(() => undefined);
    return Object.assign(server, { started });
  }

  /** That it ended, or the errors that it logged; undefined if there is neither. */
  trouble(): string | undefined {
    const bugs = this.#output
      .split('\n')
      .filter((line) => !/"level":(10|20|30|40|"(trace|debug|info|warn)")/.test(line) && line !== '');
    if (this.#exit === undefined && bugs.length === 0) return undefined;
    return [this.#exit, ...bugs.slice(0, 20)].join('\n');
  }

  /** The resources of the server after a garbage collection. */
  async measure(): Promise<ProcessFigures> {
    this.child.send('measure');
    const [figures] = (await once(this.child, 'message')) as [ProcessFigures];
    return figures;
  }

  async stop(): Promise<void> {
    if (this.#exit === undefined) {
      this.child.disconnect();
      await once(this.child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
