import { expect } from 'chai';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import { ALL_PROJECTS, DURABLE_PROJECTS, ServerFolder } from './harness/server-folder.js';
import { runConcurrentClients } from './scenarios/concurrent-clients.js';

describe('Linearizability over HTTP', function () {
  this.timeout(0);

  for (let run = 0; run < amount(1, 60); run++) {
    it('of single keys, and a bank whose sum never changes: 8 clients per project and 4 kills', async () => {
      const folder = await ServerFolder.make(DURABLE_PROJECTS);
      const all = await runConcurrentClients(
        folder,
        DURABLE_PROJECTS,
        randomFrom(SEED + 3 + run),
        [700, 700, 700, 700, 700],
      );
      const wrong = all.flatMap((clients) => clients.verdict().map((what) => `${clients.subject.id}: ${what}`));
      expect(wrong, `seed ${SEED}`).to.deep.equal([]);
      const operations = all.map(({ history }) => history.length);
      expect(Math.min(...operations)).to.be.greaterThan(100);
      report({ projects: all.length, operations: operations.reduce((sum, it) => sum + it), kills: 4, violations: 0 });
      await folder.remove();
    });
  }

  it('of memory, without kills', async () => {
    const subjects = ALL_PROJECTS.filter(({ durable }) => !durable);
    const folder = await ServerFolder.make(subjects);
    const all = await runConcurrentClients(folder, subjects, randomFrom(SEED + 4), [1500]);
    expect(all.flatMap((clients) => clients.verdict())).to.deep.equal([]);
    await folder.remove();
  });
});
