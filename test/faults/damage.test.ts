import { expect } from 'chai';
import { report } from './harness/seed.js';
import { DURABLE_PROJECTS, type ProjectSpec } from './harness/server-folder.js';
import { DamagedProject, type DamageResult } from './scenarios/damage-scenario.js';

describe('A data file, deleted, cut, emptied, or with a flipped byte in its first, middle or last page', function () {
  this.timeout(0);

  async function all(damage: (subject: ProjectSpec) => Promise<DamageResult>): Promise<void> {
    const damaged = await Promise.all(DURABLE_PROJECTS.map(damage));
    for (const [i, { figures }] of damaged.entries()) report({ [`${DURABLE_PROJECTS[i]?.id}:`]: '', ...figures });
    expect(damaged.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
  }

  it('at rest: its project is closed or serves correct values, the doctor finds it and repairs what it can', () =>
    all((subject) => DamagedProject.atRest(subject)));

  it('in use: no wrong value is returned, other projects are served, and a restart finds it', () =>
    all((subject) => DamagedProject.running(subject)));
});
