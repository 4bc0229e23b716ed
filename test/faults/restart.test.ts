import { expect } from 'chai';
import { report } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { restartAfterKill } from './scenarios/restart-scenario.js';

const BYTES = 100 * 1000 * 1000;
const READY = 2_000;

describe('A restart after kill -9', function () {
  this.timeout(0);

  for (const { options: _, ...subject } of DURABLE_PROJECTS) {
    it(`with 100 MB of data is ready within 2 s: ${subject.id}`, async () => {
      const { listening, ready, slowness } = await restartAfterKill(subject, BYTES);
      report({
        listening: `${Math.round(listening)} ms`,
        ready: `${Math.round(ready)} ms`,
        slowness: slowness.toFixed(1),
      });
      expect(ready).to.be.below(READY * slowness);
    });
  }
});
