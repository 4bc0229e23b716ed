import { expect } from 'chai';
import { SUBJECTS } from './harness/data-set.js';
import { amount, report } from './harness/seed.js';
import { growth, soaking } from './scenarios/soak-scenario.js';

const MINUTES = amount(3, 40);
const ROUND = 4_000;

describe('A soak', function () {
  this.timeout(0);

  it(`leaves memory, open files, readers of lmdb and the size of files as they are: ${MINUTES} min of mixed load`, async () => {
    const { rounds, acknowledged, wrong } = await soaking(SUBJECTS, MINUTES * 60_000, ROUND);
    expect(wrong).to.deep.equal([]);
    const { grown, figures } = growth(rounds);
    report({ 'rounds of load': rounds.length, acknowledged, ...figures });
    expect(grown).to.deep.equal([]);
  });
});
