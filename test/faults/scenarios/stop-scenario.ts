import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { type RequestSender, readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/** How long requests may take to finish once a server stops, in ms: see graceful-shutdown.ts. */
const GRACE = 3_000;

/** The result of stopping a server under load with SIGTERM again and again. */
export interface StopResult {
  readonly wrong: readonly string[];
  /** Requests that got no response, although the grace period was not over. */
  readonly resets: readonly string[];
}

/** Stops a server under load, `rounds` times or until something is wrong. */
export async function stopUnderLoad(subjects: readonly ProjectSpec[], rounds: number): Promise<StopResult> {
  const folder = await ServerFolder.make(subjects);
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const wrong: string[] = [];
  const resets: string[] = [];
  for (let round = 0; round <= rounds && wrong.length === 0; round++) {
    const server = await ServerProcess.start(folder);
    await server.ready();
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
    wrong.push(...all.flatMap((tested) => tested.wrong));
    const target = new ResetRecorder(server.address, resets);
    const writing = all.map((tested) => runWriters(target, tested, 4, () => false));
    await sleep(300);
    target.graceEnds = performance.now() + GRACE;
    const { code } = await server.kill('SIGTERM');
    if (code !== 0) wrong.push(`it ended with ${code}: ${server.log.slice(-500)}`);
    await Promise.all(writing);
  }
  await folder.remove();
  return { wrong, resets };
}

/** Records every request that reached the server and was reset before the end of the grace period. */
class ResetRecorder implements RequestSender {
  graceEnds = Number.POSITIVE_INFINITY;

  constructor(
    private readonly address: string,
    private readonly resets: string[],
  ) {}

  async send(method: string, path: string, sent: RequestOptions = {}): Promise<HttpResponse> {
    try {
      return await send(this.address, method, `/api/v1/projects/${path}`, sent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNREFUSED' && performance.now() < this.graceEnds) this.resets.push(`${method} ${path}: ${code}`);
      throw error;
    }
  }
}
