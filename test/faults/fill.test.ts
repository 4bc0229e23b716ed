import { expect } from 'chai';
import { smallDisk } from './harness/disk/small-disk.js';
import { report, SOAK } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { fillDisk, LONG_FILLS, SHORT_FILLS } from './scenarios/fill-scenario.js';

const MB = 1024 * 1024;
const FILLS = SOAK > 0 ? [...SHORT_FILLS, ...LONG_FILLS] : SHORT_FILLS;

describe('A disk that is filled at full speed', function () {
  this.timeout(0);

  for (const { disk, bytes, leave, encrypted } of FILLS) {
    for (const subject of DURABLE_PROJECTS) {
      if (subject.encrypted !== encrypted) continue;
      const title = `of ${disk} MB with values of ${bytes} bytes, ${leave} MB free: ${subject.id}`;
      it(`refuses with 507, reads and deletes on, loses nothing, resumes: ${title}`, async function () {
        const small = await smallDisk('tmpfs', disk * MB);
        if (small === undefined) this.skip();
        try {
          const { wrong, outcomes, resumed } = await fillDisk(small.path, subject, bytes, leave * MB);
          report({ ...outcomes, resumed: `${Math.round(resumed)} ms` });
          expect(wrong).to.deep.equal([]);
          expect(outcomes['PUT 507']).to.be.greaterThan(0);
        } finally {
          await small.remove();
        }
      });
    }
  }
});
