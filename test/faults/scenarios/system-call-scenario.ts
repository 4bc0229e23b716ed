import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitch, faultEnv } from '../harness/disk/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { readAll, runWriters, type TrackedProject } from '../harness/workload.js';

const CALLS = ['write', 'sync', 'rename', 'open', 'unlink', 'any', 'any'];

/** The result of killing a server at its system calls. */
export interface SystemCallKillResult {
  readonly wrong: readonly string[];
  readonly figures: { rounds: number; 'killed by the fault': number; 'killed while opening': number };
}

/**
 * Kills a server before, after or in the middle of the n-th system call on a project's files, `nth` for each round,
 * `rounds` times or until something is wrong.
 */
export async function killAtSystemCalls(
  library: string,
  subjects: readonly ProjectSpec[],
  rounds: number,
  random: () => number,
  nth: (round: number) => number = () => 1 + Math.floor(random() * 12),
): Promise<SystemCallKillResult> {
  const folder = await ServerFolder.make(subjects);
  const faults = new FaultSwitch(join(folder.path, 'faults'));
  const env = faultEnv(library, folder.data, faults.env);
  const names = [...new Set(subjects.map(({ id }) => id.replace(/-encrypted$/, '')))];
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const figures = { rounds: 0, 'killed by the fault': 0, 'killed while opening': 0 };
  const wrong: string[] = [];
  for (; figures.rounds < rounds && wrong.length === 0; figures.rounds++) {
    const action = ['KILL', 'KILLAFTER', 'TORN'][figures.rounds % 3];
    const call = action === 'TORN' ? 'write' : CALLS[Math.floor(random() * CALLS.length)];
    const name = names[Math.floor(figures.rounds / 3) % names.length];
    const rule = `${call}:${action}:/${name}:${nth(figures.rounds)}`;
    // One in five runs into the fault while it opens what the last one left.
    if (figures.rounds % 5 === 4) {
      faults.set(rule);
      const opening = ServerProcess.launch(folder, { env });
      const began = opening.listening().then(() => opening.ready());
      await Promise.race([began.catch(() => undefined), opening.ended]);
      const { signal } = await opening.kill();
      if (signal === 'SIGKILL') figures['killed while opening'] += 1;
      faults.clear();
    }
    const began = performance.now();
    const server = await ServerProcess.start(folder, { env });
    await server.ready();
    // On a busy machine a request takes longer, as does a start.
    const patience = Math.max(400, (performance.now() - began) / 2);
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
    wrong.push(
      ...all.flatMap((it) => it.wrong.map((what) => `round ${figures.rounds} after ${rule}: ${it.id}: ${what}`)),
    );
    faults.set(rule);
    let stopped = false;
    const writing = all.map((tested) => runWriters(server, tested, 3, () => stopped));
    if (await Promise.race([server.ended, sleep(patience)])) figures['killed by the fault'] += 1;
    await server.kill();
    stopped = true;
    await Promise.all(writing);
    faults.clear();
  }
  await folder.remove();
  return { wrong, figures };
}
