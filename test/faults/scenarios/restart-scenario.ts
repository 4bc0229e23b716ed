import { slownessHere } from '../broken-engines/slowness.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';

const AT_ONCE = 1_000;
const VALUE_BYTES = 5_000;

/** How long a start after kill -9 took, in ms. */
export interface RestartTimes {
  readonly listening: number;
  readonly ready: number;
  /** By how much this machine is slower than an idle one, at least 1. */
  readonly slowness: number;
}

/** Fills a project with so many bytes, kills its server, and starts it again. */
export async function restartAfterKill(subject: ProjectSpec, bytes: number): Promise<RestartTimes> {
  const slowness = await slownessHere();
  const folder = await ServerFolder.make([subject]);
  const before = await ServerProcess.start(folder);
  for (let from = 0; from * VALUE_BYTES < bytes; from += AT_ONCE) await fill(before, subject.id, from);
  await before.kill();
  const began = performance.now();
  const server = await ServerProcess.start(folder);
  const listening = performance.now() - began;
  await server.ready(60_000);
  const ready = performance.now() - began;
  const { json } = await server.send('GET', `${subject.id}/store?count=only`);
  if (json.data.count !== bytes / VALUE_BYTES) throw new Error(`there are ${json.data.count} entries`);
  await server.kill();
  await folder.remove();
  return { listening, ready, slowness };
}

async function fill(server: ServerProcess, project: string, from: number): Promise<void> {
  const operations = Array.from({ length: AT_ONCE }, (_, i) => {
    const key = `${String((from + i) * 7919).padStart(12, '0')}`;
    return { put: { key, text: key.padEnd(VALUE_BYTES, 'abc ') } };
  });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ operations });
  const { status, text } = await server.send('POST', `${project}/transactions`, { body, headers });
  if (status !== 200) throw new Error(text);
}
