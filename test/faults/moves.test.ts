import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { engineNames } from '../../src/infrastructure/storage/engines.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';
import { DataSet, type Subject, storageOf } from './data-set.js';
import { Ledger } from './ledger.js';
import { randomFrom, report, SEED, TIMES } from './seed.js';
import { ServerProcess } from './server-process.js';
import { readAll, type Tested, write } from './workload.js';

const ROUNDS = 50 * TIMES;

interface Moving extends Tested {
  /** The settings that it moves between. */
  readonly between: readonly [Subject, Subject];
  readonly placements: Set<string>;
}

/** Every pair of engines, the second of every other pair encrypted. */
function pairs(): Moving[] {
  const all: Moving[] = [];
  engineNames.forEach((from, i) => {
    for (const to of engineNames.slice(i + 1)) {
      const id = `${from}_${to}`;
      const durable = ENGINE_FIXTURES[from].durable && ENGINE_FIXTURES[to].durable;
      const subject = (engine: string, encrypted: boolean): Subject => ({ id, engine, durable, encrypted });
      const between = [subject(from, false), subject(to, all.length % 2 === 0)] as const;
      all.push({ id, between, ledger: new Ledger(), wrong: [], placements: new Set() });
    }
  });
  return all;
}

describe('kill -9 during a change of engine', function () {
  this.timeout(0);

  it(`leaves one engine in charge, with every acknowledged write, and no stray file: ${ROUNDS} times`, async () => {
    const random = randomFrom(SEED + 2);
    const all = pairs();
    const set = await DataSet.make(all.map(({ between }) => between[0]));
    for (let round = 0; round <= ROUNDS; round++) {
      const server = await ServerProcess.start(set);
      await server.ready();
      await fill(server, all);
      for (const moving of all) await settle(set, server, moving);
      const wrong = all.flatMap(({ id, wrong }) => wrong.map((what) => `${id}: ${what}`));
      expect(wrong, `round ${round}, seed ${SEED}`).to.deep.equal([]);
      if (round < ROUNDS) await killInMove(server, all, round, random() * 200);
      else await server.kill('SIGTERM');
    }
    const switched = all.reduce((sum, { placements }) => sum + placements.size - 1, 0);
    report({ pairs: all.length, rounds: ROUNDS, switched, 'lost 0, torn 0, unopenable 0, stray files': 0 });
    expect(switched).to.be.greaterThan(ROUNDS / 2);
    await set.remove();
  });
});

/** Enough that a copy takes some time. */
async function fill(server: ServerProcess, all: readonly Moving[]): Promise<void> {
  for (const moving of all) {
    const { status } = await server.send('GET', `${moving.id}/values/filled-799`);
    if (status === 200) continue;
    const operations = Array.from({ length: 800 }, (_, i) => {
      const put = { key: `filled-${i}`, text: `${i}:3:xxx` };
      moving.ledger.begin(put.key, put.text)('done');
      return { put };
    });
    const headers = { 'content-type': 'application/json' };
    await server.send('POST', `${moving.id}/transactions`, { body: JSON.stringify({ operations }), headers });
  }
}

/** Looks at what a restart made of a project. */
async function settle(set: DataSet, server: ServerProcess, moving: Moving): Promise<void> {
  const found = await readAll(server, moving);
  // Where `memory` was in charge, a restart empties the project.
  if (!moving.between[0].durable) moving.ledger.clear();
  for (const [key, value] of moving.between[0].durable ? [] : found) moving.ledger.begin(key, value)('done');
  moving.wrong.push(...moving.ledger.settle(found));
  const placement = await set.placement(moving.id);
  moving.placements.add(`${placement.generation}`);
  if (placement.preparing !== undefined) moving.wrong.push('a generation is still being prepared');
  const kept: number[] = (placement.kept ?? []).map((it: { generation: number }) => it.generation);
  const known = [placement.generation, ...kept].map((generation) => (generation === 1 ? '' : `.${generation}`));
  for (const file of await readdir(set.data)) {
    if (!file.startsWith(`${moving.id}.`) && !file.startsWith(`${moving.id}_store`)) continue;
    const rest = file.slice(moving.id.length).replace(/(_store\.(json|journal)|\.lmdb|\.entries|\.d).*$/, '');
    if (!known.includes(rest) && rest !== '.placement.json') moving.wrong.push(`a stray file: ${file}`);
  }
}

async function killInMove(server: ServerProcess, all: readonly Moving[], round: number, after: number): Promise<void> {
  let stopped = false;
  const writing = all.map((moving) => write(server, moving, 2, () => stopped));
  const moves = all.map(({ id, between }) => {
    const body = JSON.stringify({ storage: { ...storageOf(between[(round + 1) % 2] as Subject) } });
    return server.send('PUT', id, { body, headers: { 'content-type': 'application/json' } }).catch(() => undefined);
  });
  // Most are killed while entries are copied, at the switch or soon after, some while the move is being prepared.
  if (round % 4 > 0) await Promise.all(moves);
  await sleep(after);
  await server.kill();
  stopped = true;
  await Promise.all([...writing, ...moves]);
}
