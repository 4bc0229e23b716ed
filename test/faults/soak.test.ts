import { expect } from 'chai';
import { amount, report } from './harness/seed.js';
import { ALL_PROJECTS } from './harness/server-folder.js';
import { growthOf, runSoak } from './scenarios/soak-scenario.js';

const MINUTES = amount(2, 40);
const ROUND = 4_000;

describe('A soak', function () {
  this.timeout(0);

  it(`does not grow memory, open files, readers of lmdb or file sizes: ${MINUTES} min of mixed load`, async () => {
    const { rounds, acknowledged, wrong } = await runSoak(ALL_PROJECTS, MINUTES * 60_000, ROUND);
    expect(wrong).to.deep.equal([]);
    const { grown, figures } = growthOf(rounds);
    report({ 'rounds of load': rounds.length, acknowledged, ...figures });
    expect(grown).to.deep.equal([]);
  });
});
