import { expect } from 'chai';
import { DataSet, DURABLE, SUBJECTS } from './harness/data-set.js';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import { rivalry } from './scenarios/concurrent-clients.js';

describe('Linearizability over HTTP', function () {
  this.timeout(0);

  for (let run = 0; run < amount(1, 60); run++) {
    it('of single keys, and a bank whose sum never changes: 8 clients per project and 4 kills', async () => {
      const set = await DataSet.make(DURABLE);
      const all = await rivalry(set, DURABLE, randomFrom(SEED + 3 + run), [700, 700, 700, 700, 700]);
      const wrong = all.flatMap((rivals) => rivals.verdict().map((what) => `${rivals.subject.id}: ${what}`));
      expect(wrong, `seed ${SEED}`).to.deep.equal([]);
      const operations = all.map(({ history }) => history.length);
      expect(Math.min(...operations)).to.be.greaterThan(100);
      report({ projects: all.length, operations: operations.reduce((sum, it) => sum + it), kills: 4, violations: 0 });
      await set.remove();
    });
  }

  it('of memory, without kills', async () => {
    const subjects = SUBJECTS.filter(({ durable }) => !durable);
    const set = await DataSet.make(subjects);
    const all = await rivalry(set, subjects, randomFrom(SEED + 4), [1500]);
    expect(all.flatMap((rivals) => rivals.verdict())).to.deep.equal([]);
    await set.remove();
  });
});
