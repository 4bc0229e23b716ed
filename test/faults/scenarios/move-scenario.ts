import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../harness/ledger.js';
import { moveTo, withProjectKey } from '../harness/move-request.js';
import { type LaunchOptions, ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/** How long the migrations that a start catches up with may take, in ms. */
const MOVED = 60_000;

/** The settings that a project moves between; both have its id. */
export type Pair = readonly [ProjectSpec, ProjectSpec];

interface MovingProject extends TrackedProject {
  /** The settings that it moves between. */
  readonly between: Pair;
  readonly placements: Set<string>;
}

/** The result of killing a server while projects migrate. */
export interface MoveResult {
  readonly wrong: readonly string[];
  /** How many migrations of each pair succeeded. */
  readonly switched: readonly number[];
}

/** Kills a server while each project migrates to and fro, `rounds` times or until something is wrong. */
export async function killDuringMoves(
  pairs: readonly Pair[],
  rounds: number,
  random: () => number,
  how: LaunchOptions = {},
): Promise<MoveResult> {
  const all: MovingProject[] = pairs.map((between) => ({
    id: between[0].id,
    between,
    ledger: new Ledger(),
    wrong: [],
    placements: new Set(),
  }));
  const folder = await ServerFolder.make(pairs.map(([first]) => withProjectKey(first)));
  const wrong: string[] = [];
  for (let round = 0; round <= rounds && wrong.length === 0; round++) {
    const server = await ServerProcess.start(folder, how);
    // On a busy machine the migration that the configuration asks for may take long.
    await server.ready(MOVED);
    await fill(server, all);
    for (const one of all) await settle(folder, server, one);
    wrong.push(...all.flatMap((one) => one.wrong.map((what) => `round ${round}: ${one.id}: ${what}`)));
    if (round < rounds) await killInMove(server, all, round, random() * 200);
    else await server.kill('SIGTERM');
  }
  await folder.remove();
  return { wrong, switched: all.map(({ placements }) => placements.size - 1) };
}

/** Stores enough that a copy takes some time. */
async function fill(server: ServerProcess, all: readonly MovingProject[]): Promise<void> {
  for (const project of all) {
    const { status } = await server.send('GET', `${project.id}/values/filled-399`);
    if (status === 200) continue;
    const operations = Array.from({ length: 400 }, (_, i) => {
      const put = { key: `filled-${i}`, text: `${i}:3:xxx` };
      project.ledger.begin(put.key, put.text)('done');
      return { put };
    });
    const headers = { 'content-type': 'application/json' };
    await server.send('POST', `${project.id}/transactions`, { body: JSON.stringify({ operations }), headers });
  }
}

/** Checks a project after a restart. */
async function settle(folder: ServerFolder, server: ServerProcess, project: MovingProject): Promise<void> {
  const found = await readAll(server, project);
  // If `memory` was active, a restart empties the project.
  if (!project.between[0].durable) project.ledger.clear();
  for (const [key, value] of project.between[0].durable ? [] : found) project.ledger.begin(key, value)('done');
  project.wrong.push(...project.ledger.settle(found));
  const placement = await folder.placement(project.id);
  project.placements.add(`${placement.generation}`);
  if (placement.preparing !== undefined)
    project.wrong.push(`a generation is still being prepared: ${server.log.slice(-1_000)}`);
  for (const { id, state, error, pause_ms } of placement.migrations ?? []) {
    const sound = state === 'failed' ? typeof error === 'string' : state === 'done' && (pause_ms ?? 0) >= 0;
    if (!sound) project.wrong.push(`migration ${id} is ${state} after the restart`);
  }
  const last = placement.migrations?.findLast((it: { state: string }) => it.state === 'done');
  if (placement.generation > 1 && last?.to !== placement.engine) {
    project.wrong.push(`it is in ${placement.engine}, but its last migration that is done went to ${last?.to}`);
  }
  const kept: number[] = (placement.kept ?? []).map((it: { generation: number }) => it.generation);
  const known = [placement.generation, ...kept].map((generation) => (generation === 1 ? '' : `.${generation}`));
  for (const file of await readdir(folder.data)) {
    if (!file.startsWith(`${project.id}.`) && !file.startsWith(`${project.id}_store`)) continue;
    const rest = file.slice(project.id.length).replace(/(_store\.(json|journal)|\.lmdb|\.entries|\.d).*$/, '');
    if (!known.includes(rest) && rest !== '.placement.json') project.wrong.push(`a stray file: ${file}`);
  }
}

async function killInMove(
  server: ServerProcess,
  all: readonly MovingProject[],
  round: number,
  after: number,
): Promise<void> {
  let stopped = false;
  const writing = all.map((project) => runWriters(server, project, 2, () => stopped));
  const moves = all.map(({ id, between }) => {
    return moveTo(server, { ...(between[(round + 1) % 2] as ProjectSpec), id }).catch(() => undefined);
  });
  // Most are killed during the copy, at the switch or soon after it, some while the migration is being prepared.
  if (round % 4 > 0) await Promise.all(moves);
  await sleep(after);
  await server.kill();
  stopped = true;
  await Promise.all([...writing, ...moves]);
}
