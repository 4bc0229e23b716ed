import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { send } from '../../harness/http-client.js';
import { WireConnection } from '../../harness/wire-connection.js';
import type { Started } from './measured-server.js';

const SERVER = fileURLToPath(new URL('measured-server.js', import.meta.url));

/** A bare server, or PortKV with its data in `folder`, in a process of its own. */
export class MeasuredProcess {
  private constructor(
    readonly address: string,
    readonly redisPort: number,
    private readonly systemKey: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(name: 'bare' | 'portkv', folder: string): Promise<MeasuredProcess> {
    const child = fork(SERVER, [name, folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [{ address, redisPort, systemKey }] = (await once(child, 'message')) as [Started];
    return new MeasuredProcess(address, redisPort, systemKey, child);
  }

  /** Makes a project that is named after its engine; resolves with its key. */
  async project(engine: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.systemKey}` };
    const body = JSON.stringify({ id: engine, storage: { engine } });
    return (await send(this.address, 'POST', '/api/v1/projects', { headers, body })).json.data.new_api_key;
  }

  /** Its processor time until now, in microseconds. */
  async used(): Promise<number> {
    this.child.send('used');
    const [used] = (await once(this.child, 'message')) as [number];
    return used;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}

/** A bare server and PortKV, for the tests of one `describe`, which call what is returned. */
export function besideBare(): () => Promise<readonly [bare: MeasuredProcess, portkv: MeasuredProcess]> {
  let folder: string;
  const processes: MeasuredProcess[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    for (const process of processes) await process.stop();
    await rm(folder, { recursive: true });
  });
  return async () => {
    const [bare, portkv] = [await MeasuredProcess.start('bare', folder), await MeasuredProcess.start('portkv', folder)];
    processes.push(bare, portkv);
    return [bare, portkv];
  };
}

/** The requests of one measurement, each for one of as many keys as there are connections. */
export interface Requests {
  readonly method: 'GET' | 'PUT';
  readonly engine: string;
  readonly key: string | undefined;
  readonly count: number;
  readonly connections: number;
}

/** Sends them, and resolves with the time that each took, in ms. Rejects if one fails. */
export async function sendRequests(
  address: string,
  { method, engine, key, count, connections }: Requests,
): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: connections }, async (_, i) => {
      const connection = new WireConnection(address);
      const body = method === 'PUT' ? 'x'.repeat(100) : '';
      const target = `/api/v1/projects/${engine}/values/key${i}`;
      const head = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n`;
      const request = Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      while (left-- > 0) {
        const began = performance.now();
        connection.send(request);
        const status = (await connection.answer(method, 10_000))?.status;
        if (status !== 200 && status !== 201 && status !== 204) throw new Error(`${method} was answered ${status}`);
        times.push(performance.now() - began);
      }
      connection.destroy();
    }),
  );
  return times;
}
