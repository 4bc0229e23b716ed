import { expect } from 'chai';
import { smallDisk } from './harness/disk/small-disk.js';
import { report, SOAK } from './harness/seed.js';
import { DURABLE_PROJECTS, type ProjectSpec } from './harness/server-folder.js';
import { BESIDE, type Beside } from './scenarios/fill/beside-a-fill.js';
import { type DiskFill, FILL_BESIDE, fillDisk, LONG_FILLS, SHORT_FILLS } from './scenarios/fill/fill-scenario.js';

const MB = 1024 * 1024;
const FILLS = SOAK > 0 ? [...SHORT_FILLS, ...LONG_FILLS] : SHORT_FILLS;

describe('A disk that is filled at full speed', function () {
  this.timeout(0);

  for (const fill of FILLS) {
    for (const subject of DURABLE_PROJECTS) {
      if (subject.encrypted !== fill.encrypted) continue;
      it(`answers 507, reads, deletes and resumes, loses nothing: ${titleOf(fill, subject)}`, async function () {
        if (!(await keepsPromises(subject, fill))) this.skip();
      });
    }
  }

  for (const beside of BESIDE) {
    for (const subject of DURABLE_PROJECTS) {
      if (subject.encrypted !== FILL_BESIDE.encrypted) continue;
      it(`does so beside ${beside.name}: ${titleOf(FILL_BESIDE, subject)}`, async function () {
        if (!(await keepsPromises(subject, FILL_BESIDE, beside))) this.skip();
      });
    }
  }
});

function titleOf({ disk, bytes, leave }: DiskFill, { id }: ProjectSpec): string {
  return `of ${disk} MB with values of ${bytes} bytes, ${leave} MB free: ${id}`;
}

/** False if there can be no small disk here. */
async function keepsPromises(subject: ProjectSpec, fill: DiskFill, beside?: Beside): Promise<boolean> {
  const small = await smallDisk('tmpfs', fill.disk * MB);
  if (small === undefined) return false;
  try {
    const how = { bytes: fill.bytes, leave: fill.leave * MB };
    const { wrong, outcomes, resumed } = await fillDisk(small.path, subject, how, beside);
    report({ ...outcomes, resumed: `${Math.round(resumed)} ms` });
    expect(wrong).to.deep.equal([]);
    expect(outcomes['PUT 507']).to.be.greaterThan(0);
    return true;
  } finally {
    await small.remove();
  }
}
