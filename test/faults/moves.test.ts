import { expect } from 'chai';
import { localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import type { ProjectSpec } from './harness/server-folder.js';
import { killDuringMoves, type Pair } from './scenarios/move-scenario.js';

const ROUNDS = amount(40, 200);

/** Every pair of engines, the second of every other pair encrypted. */
function pairs(): Pair[] {
  const all: Pair[] = [];
  localEngineNames.forEach((from, i) => {
    for (const to of localEngineNames.slice(i + 1)) {
      const id = `${from}_${to}`;
      const durable = ENGINE_FIXTURES[from].durable && ENGINE_FIXTURES[to].durable;
      const subject = (engine: string, encrypted: boolean): ProjectSpec => ({ id, engine, durable, encrypted });
      all.push([subject(from, false), subject(to, all.length % 2 === 0)]);
    }
  });
  return all;
}

describe('kill -9 during a change of engine', function () {
  this.timeout(0);

  it(`leaves one engine active with every acknowledged write, and no stray file: ${ROUNDS} times`, async () => {
    const all = pairs();
    const { wrong, switched } = await killDuringMoves(all, ROUNDS, randomFrom(SEED + 2));
    expect(wrong, `seed ${SEED}`).to.deep.equal([]);
    const moves = switched.reduce((sum, it) => sum + it);
    report({ pairs: all.length, rounds: ROUNDS, switched: moves, 'lost 0, torn 0, unopenable 0, stray files': 0 });
    expect(Math.min(...switched), `${switched}`).to.be.greaterThan(ROUNDS / 6);
  });
});
