import { setTimeout as sleep } from 'node:timers/promises';
import type { SmallDisk } from '../harness/disk/small-disk.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/**
 * The time around the moment in which the kernel makes the disk read-only, in ms: at that moment ext4 (Linux 6.18) may
 * report a successful sync although the data is not on the disk. Of 160 files to which a plain program appended, with
 * an fdatasync each time, 5 lost their last line in this way.
 */
const INSTANT = 50;

/** The result of a disk that becomes read-only. */
export interface ReadOnlyResult {
  readonly wrong: readonly string[];
  readonly unacknowledged: number;
  /** How the server ended meanwhile, if it did. */
  readonly end: string | undefined;
}

/** Makes the disk read-only under load, and checks the projects before and after it is mounted again. */
export async function failDisk(disk: SmallDisk, subjects: readonly ProjectSpec[]): Promise<ReadOnlyResult> {
  const folder = await ServerFolder.make(subjects, { min_free_bytes: 0 }, disk.path);
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const server = await ServerProcess.start(folder);
  await server.ready();
  disk.sync();
  const until = performance.now() + 1_200;
  const writing = Promise.all(all.map((tested) => runWriters(server, tested, 3, () => performance.now() > until)));
  await sleep(300);
  const failing = performance.now();
  await disk.fail();
  const failed = performance.now();
  await writing;
  for (const { ledger } of all) ledger.doubt(failing - INSTANT, failed + INSTANT);
  const wrong: string[] = [];
  for (const { id } of all) wrong.push(...(await stillAnswers(server, id)));
  const unacknowledged = all.reduce((sum, { ledger }) => sum + ledger.unacknowledged, 0);
  const { signal, code } = server.child.exitCode === null ? await server.kill() : await server.ended;
  disk.again();
  const again = await ServerProcess.start(folder);
  await again.ready();
  for (const tested of all) {
    wrong.push(
      ...tested.wrong,
      ...tested.ledger.settle(await readAll(again, tested)).map((what) => `${tested.id}: ${what}`),
    );
  }
  await again.kill('SIGTERM');
  await folder.remove();
  return { wrong, unacknowledged, end: signal === 'SIGKILL' ? undefined : `${signal ?? code}` };
}

/** Expects that writes are refused; reads may be refused, too, after a failed write. */
async function stillAnswers(server: ServerProcess, id: string): Promise<string[]> {
  try {
    const put = await server.send('PUT', `${id}/values/probe`, { body: '0:0:' });
    const get = await server.send('GET', `${id}/store`);
    return [
      ...([503, 507].includes(put.status) ? [] : [`${id}: a write is answered ${put.status} ${put.text}`]),
      ...([200, 503].includes(get.status) ? [] : [`${id}: a read is answered ${get.status} ${get.text}`]),
    ];
  } catch (error) {
    if (server.child.signalCode === 'SIGABRT') return [];
    throw error;
  }
}
