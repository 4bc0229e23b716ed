import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess, TIMEOUT } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, readAll, type TrackedProject, writeKey } from '../harness/workload.js';

/** A server on a small disk, and its projects. */
export interface ServerOnDisk {
  readonly folder: ServerFolder;
  readonly server: ServerProcess;
  readonly all: readonly TrackedProject[];
}

/** The result of filling a disk to the last byte. */
export interface FullDiskResult {
  readonly wrong: readonly string[];
  readonly unacknowledged: number;
  /** How the server ended, if it did. */
  readonly end: string | undefined;
}

/** Fills the disk to the last byte with writes to a project, frees space, and compares. */
export async function fillToLastByte(mount: string, subject: ProjectSpec): Promise<FullDiskResult> {
  const { folder, server, all } = await startOnDisk(mount, [subject], 0);
  const [tested] = all as [TrackedProject];
  const ballast = await fillUp(mount, 200_000);
  let alive = true;
  for (let i = 0; i < 60 && alive; i++) alive = await writeKey(server, tested, 'PUT', `own-0-${i}`, large());
  const { unacknowledged } = tested.ledger;
  await rm(ballast);
  if (alive) {
    const end = performance.now() + TIMEOUT;
    while ((await server.send('PUT', `${subject.id}/values/probe`, { body: '0:0:' })).status >= 300) {
      if (performance.now() > end)
        return { wrong: [`it does not recover: ${server.log.slice(-500)}`], unacknowledged, end: undefined };
      await sleep(50);
    }
    await server.send('DELETE', `${subject.id}/values/probe`);
    return { wrong: await finishOnDisk({ folder, server, all }), unacknowledged, end: undefined };
  }
  const { signal, code } = await server.ended;
  const again = await ServerProcess.start(folder);
  await again.ready();
  return { wrong: await finishOnDisk({ folder, server: again, all }), unacknowledged, end: `${signal ?? code}` };
}

/**
 * Deletes without a free byte, in projects that were only read since the server started. Returns what is wrong, also
 * after a restart with room again.
 */
export async function deleteAfterReading(mount: string, subjects: readonly ProjectSpec[]): Promise<string[]> {
  const { folder, server, all } = await startOnDisk(mount, subjects, 0);
  await server.kill('SIGTERM');
  // As in a directory that was never written to.
  for (const { id } of subjects) await rm(join(folder.data, id, '.portkv', 'intent.reserve'), { force: true });
  const reader = await ServerProcess.start(folder);
  await reader.ready();
  const ballast = await fillUp(mount, 0);
  const wrong: string[] = [];
  const sent = async (method: string, path: string, body?: string) => {
    const { status, text } = await reader.send(method, path, body === undefined ? {} : { body });
    if (status >= 300) wrong.push(`${method} ${path}: ${status} ${text}`);
  };
  for (const { id, ledger } of all) {
    await sent('GET', `${id}/values/own-0-0`);
    await sent('DELETE', `${id}/values/own-0-0`);
    const pair = ['own-0-1', 'own-0-2'];
    const operations = pair.map((key) => ({ delete: { key } }));
    await sent('POST', `${id}/transactions`, JSON.stringify({ operations }));
    for (const key of ['own-0-0', ...pair]) ledger.begin(key, null)('done');
  }
  await rm(ballast);
  return [...wrong, ...(await finishOnDisk({ folder, server: reader, all }))];
}

/** Starts a server on the disk that reserves so many bytes, with a few entries in each project. */
export async function startOnDisk(
  mount: string,
  subjects: readonly ProjectSpec[],
  reserve: number,
): Promise<ServerOnDisk> {
  const folder = await ServerFolder.make(subjects, { min_free_bytes: reserve }, mount);
  const server = await ServerProcess.start(folder);
  await server.ready();
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  for (const tested of all)
    for (let i = 0; i < 5; i++) await writeKey(server, tested, 'PUT', `own-0-${i}`, nextValue());
  return { folder, server, all };
}

/** What is wrong, now and after a kill. */
export async function finishOnDisk({ folder, server, all }: ServerOnDisk): Promise<string[]> {
  const look = async (it: ServerProcess) => {
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(it, tested)));
  };
  await look(server);
  await server.kill();
  const again = await ServerProcess.start(folder);
  await again.ready();
  await look(again);
  await again.kill('SIGTERM');
  await folder.remove();
  return all.flatMap(({ wrong }) => wrong);
}

/** Fills the disk except for some bytes, or wholly if another took some of them first; returns the path of the file. */
export async function fillUp(mount: string, leave: number, name = 'ballast'): Promise<string> {
  const path = join(mount, name);
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', mount], { encoding: 'utf8' });
  const bytes = Math.max(0, Number(stdout.trim().split('\n')[1]) - leave);
  await writeFile(path, Buffer.alloc(bytes)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
  return path;
}

function large(): string {
  return `1:30000:${'x'.repeat(30_000)}`;
}
