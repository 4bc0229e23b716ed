import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/** The result of killing a server again and again. */
export interface KillResult {
  readonly wrong: readonly string[];
  /** The least number of acknowledged writes of any project. */
  readonly leastAcknowledged: number;
  readonly acknowledged: number;
  /** How long each start after a kill took until every project was served, in ms. */
  readonly starts: readonly number[];
}

/**
 * How a server is ended, by default with `kill -9` after at most 300 ms of load, or half the time of a start on a busy
 * machine.
 */
export interface ServerEnding {
  /** The command that runs node while there is load, see `LaunchOptions`. */
  readonly under?: readonly string[];
  /** More projects, whose content does not matter. */
  readonly beside?: readonly ProjectSpec[];
  /** Resolves when it has ended; `start` is how long it took to start, in ms. */
  end(server: ServerProcess, random: () => number, start: number): Promise<unknown>;
}

const KILL: ServerEnding = {
  async end(server, random, start) {
    await sleep(random() * Math.max(300, start / 2));
    await server.kill();
  },
};

/** Ends a server under load at random moments, `rounds` times or until something is wrong. */
export async function killRepeatedly(
  subjects: readonly ProjectSpec[],
  rounds: number,
  random: () => number,
  { under = [], beside = [], end }: ServerEnding = KILL,
): Promise<KillResult> {
  const folder = await ServerFolder.make([...subjects, ...beside]);
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const wrong: string[] = [];
  const starts: number[] = [];
  for (let round = 0; round <= rounds && wrong.length === 0; round++) {
    const began = performance.now();
    const server = await ServerProcess.start(folder, { under: round < rounds ? under : [] });
    await server.ready();
    const start = performance.now() - began;
    if (round > 0) starts.push(start);
    for (const tested of all) {
      tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
      wrong.push(...tested.wrong.map((what) => `round ${round}, ${tested.id}: ${what}`));
    }
    if (round < rounds) await underLoad(server, all, () => end(server, random, start));
    else await server.kill('SIGTERM');
  }
  await folder.remove();
  const counts = all.map(({ ledger }) => ledger.acknowledged);
  const acknowledged = counts.reduce((sum, it) => sum + it, 0);
  return { wrong, acknowledged, leastAcknowledged: Math.min(...counts), starts };
}

async function underLoad(
  server: ServerProcess,
  all: readonly TrackedProject[],
  end: () => Promise<unknown>,
): Promise<void> {
  let stopped = false;
  const writing = all.map((tested) => runWriters(server, tested, 3, () => stopped));
  await end();
  stopped = true;
  await Promise.all(writing);
}
