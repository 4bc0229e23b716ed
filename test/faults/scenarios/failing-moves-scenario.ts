import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitch, faultEnv } from '../harness/disk/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { moveTo, withProjectKey } from '../harness/move-request.js';
import { type LaunchOptions, ServerProcess, TIMEOUT } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, readAll, runWriters, type TrackedProject, writeKey } from '../harness/workload.js';

/** A system call, and how it fails: LATE does it and then reports a failure. */
export type MoveFault = readonly [call: string, error: string];

/** The result of migrations on a failing disk. */
export interface FailingMovesResult {
  readonly wrong: readonly string[];
  readonly points: number;
  /** How many migrations succeeded all the same. */
  readonly moved: number;
}

/**
 * Migrates a project to and fro between two engines while the n-th call on any file of the data folder fails, once or
 * during the whole migration. Then more is written, the server is killed, and the project is checked after a restart.
 */
export async function runFailingMoves(
  library: string,
  between: readonly [ProjectSpec, ProjectSpec],
  faults: readonly MoveFault[],
  counts: readonly number[],
  how: LaunchOptions = {},
): Promise<FailingMovesResult> {
  const id = 'mover';
  const folder = await ServerFolder.make([withProjectKey({ ...between[0], id })]);
  const switched = new FaultSwitch(join(folder.path, 'faults'));
  const env = { ...how.env, ...faultEnv(library, folder.data, switched.env) };
  const tested: TrackedProject = { id, ledger: new Ledger(), wrong: [] };
  const wrong: string[] = [];
  let [points, moved] = [0, 0];
  for (const [call, error] of faults) {
    for (const n of counts) {
      for (const again of ['', '+']) {
        if (wrong.length > 0) break;
        const rule = `${call}:${error}:/storage_data:${n}${again}`;
        points += 1;
        const server = await ServerProcess.start(folder, { ...how, env });
        await server.ready();
        const before = await folder.placement(id);
        await moveWhile(server, tested, between[before.engine === between[0].engine ? 1 : 0], () => switched.set(rule));
        switched.clear();
        await recovers(server, tested);
        for (let i = 0; i < 3; i++) await writeKey(server, tested, 'PUT', `after-${i}`, nextValue());
        await server.kill();
        const restarted = await ServerProcess.start(folder, { ...how, env });
        await restarted.ready();
        const found = await readAll(restarted, tested);
        found.delete('probe');
        tested.wrong.push(...tested.ledger.settle(found), ...(await strayFiles(folder, id)));
        if ((await folder.placement(id)).engine !== before.engine) moved += 1;
        await restarted.kill();
        wrong.push(...tested.wrong.splice(0).map((what) => `${rule} from ${before.engine}: ${what}`));
      }
    }
  }
  await folder.remove();
  return { wrong, points, moved };
}

/** What is wrong after the first write after a migration could not record that there is no rollback any more. */
export async function failFirstWrite(library: string, from: ProjectSpec, to: ProjectSpec): Promise<readonly string[]> {
  const id = 'mover';
  const folder = await ServerFolder.make([withProjectKey({ ...from, id })]);
  const faults = new FaultSwitch(join(folder.path, 'faults'));
  const server = await ServerProcess.start(folder, { env: faultEnv(library, folder.data, faults.env) });
  await server.ready();
  const tested: TrackedProject = { id, ledger: new Ledger(), wrong: [] };
  await writeKey(server, tested, 'PUT', 'own-0', nextValue());
  await moveWhile(server, tested, to, () => faults.clear());
  faults.set(`open:EIO:/${id}.placement:1+`);
  await writeKey(server, tested, 'PUT', 'own-0', nextValue());
  faults.clear();
  if (tested.ledger.unacknowledged === 0) tested.wrong.push('the fault was not met');
  await recovers(server, tested);
  await server.kill();
  await folder.remove();
  return tested.wrong;
}

async function moveWhile(
  server: ServerProcess,
  tested: TrackedProject,
  to: ProjectSpec,
  begin: () => void,
): Promise<void> {
  const until = performance.now() + 30;
  await runWriters(server, tested, 2, () => performance.now() > until);
  begin();
  await moveTo(server, { ...to, id: tested.id });
  for (const end = performance.now() + TIMEOUT; performance.now() < end; await sleep(10)) {
    const { json } = await server.send('GET', `${tested.id}/migrations`);
    if (!json?.data?.some(({ state }: { state: string }) => state === 'copying')) break;
  }
}

/** Waits until writes succeed again, without a restart. */
async function recovers(server: ServerProcess, tested: TrackedProject): Promise<void> {
  for (const end = performance.now() + TIMEOUT; ; await sleep(30)) {
    const { status, text } = await server.send('PUT', `${tested.id}/values/probe`, { body: '0:0:' });
    if (status < 300) return;
    if (performance.now() > end) {
      tested.wrong.push(`it does not recover: ${status} ${text} ${server.log.slice(-600)}`);
      return;
    }
  }
}

async function strayFiles(folder: ServerFolder, id: string): Promise<string[]> {
  const placement = await folder.placement(id);
  const kept: number[] = (placement.kept ?? []).map((it: { generation: number }) => it.generation);
  const known = [placement.generation, ...kept].map((generation) => (generation === 1 ? '' : `.${generation}`));
  return (await readdir(folder.data)).flatMap((file) => {
    if (!/^mover([._]|$)/.test(file) || file === `${id}.placement.json`) return [];
    const rest = file.slice(id.length).replace(/(_store\.(json|journal)|\.lmdb).*$/, '');
    return known.includes(rest) ? [] : [`a stray file: ${file}`];
  });
}
