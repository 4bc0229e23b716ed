import { expect } from 'chai';
import { DURABLE } from './data-set.js';
import { faultLibrary } from './fault-library.js';
import { killingAtCalls } from './killing-at-calls.js';
import { randomFrom, report, SEED, TIMES } from './seed.js';

const ROUNDS = Math.min(60 * TIMES, 900);
/** How far calls are counted. */
const REACH = TIMES > 1 ? 300 : 12;

describe('kill at a system call', function () {
  this.timeout(0);

  it(`before, after and in the middle of the n-th write, sync, rename and others, ${ROUNDS} times`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const { wrong, figures } = await killingAtCalls(library, DURABLE, ROUNDS, randomFrom(SEED + 1), REACH);
    expect(wrong, `seed ${SEED}`).to.deep.equal([]);
    report({ ...figures, 'lost 0, torn 0, unopenable': 0 });
    expect(figures['killed by the fault']).to.be.greaterThan(ROUNDS / 3);
  });
});
