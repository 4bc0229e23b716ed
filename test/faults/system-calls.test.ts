import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { amount, randomFrom, report, SEED, SOAK } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { killAtSystemCalls } from './scenarios/system-call-scenario.js';

const ROUNDS = amount(45, 900);
/** The highest n, which is random; in a long run each n is tried in turn. */
const REACH = 12;
const eachInTurn = (round: number) => 1 + Math.floor(round / 3);

describe('kill at a system call', function () {
  this.timeout(0);

  it(`before, after and in the middle of the n-th write, sync, rename and others, ${ROUNDS} times`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const random = randomFrom(SEED + 1);
    const nth = SOAK > 0 ? eachInTurn : () => 1 + Math.floor(random() * REACH);
    const { wrong, figures } = await killAtSystemCalls(library, DURABLE_PROJECTS, ROUNDS, random, nth);
    expect(wrong, `seed ${SEED}`).to.deep.equal([]);
    report({ ...figures, 'lost 0, torn 0, unopenable': 0 });
    expect(figures['killed by the fault']).to.be.greaterThan(ROUNDS / 3);
  });
});
