import { expect } from 'chai';
import { amount, report } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { stopUnderLoad } from './scenarios/stop-scenario.js';

const ROUNDS = amount(5, 100);

describe('SIGTERM under load', function () {
  this.timeout(0);

  it(`loses nothing and resets no connection before its response, ${ROUNDS} times`, async () => {
    const { wrong, resets } = await stopUnderLoad(DURABLE_PROJECTS, ROUNDS);
    expect(wrong).to.deep.equal([]);
    expect(resets).to.deep.equal([]);
    report({ rounds: ROUNDS, 'lost 0, resets': 0 });
  });
});
