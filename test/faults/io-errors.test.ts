import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { report } from './harness/seed.js';
import { DURABLE_ENGINES, DURABLE_PROJECTS } from './harness/server-folder.js';
import { ABORT_IN_LMDB, IoErrorScenario, MOST } from './scenarios/io-error-scenario.js';

describe('The n-th write, sync, rename, open or truncate fails, once or for good', function () {
  this.timeout(0);

  const failures = `EIO, ENOSPC or cut short, n up to ${MOST}`;
  it(`with ${failures}: clients get responses, nothing is lost, others are served`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const engines = DURABLE_ENGINES;
    const loops = await Promise.all(engines.map((engine) => loop(engine, library).run()));
    for (const [i, { figures, ends }] of loops.entries()) {
      console.log(`        ${engines[i]}: ${JSON.stringify(figures)} ${[...ends]}`);
    }
    for (const [i, { figures, wrong, ends }] of loops.entries()) {
      const engine = engines[i];
      // A supervisor starts the server again.
      const allowed = engine === 'lmdb' ? [ABORT_IN_LMDB] : [];
      expect(allowed, engine).to.include.members([...ends]);
      expect(wrong.slice(0, 5), engine).to.deep.equal([]);
      expect(figures.met, engine).to.be.greaterThan(20);
    }
    const points = loops.reduce((sum, { figures }) => sum + figures.points, 0);
    report({ points, 'lost 0, torn 0, refused but there 0, hangs': 0 });
  });
});

function loop(engine: string, library: string): IoErrorScenario {
  return new IoErrorScenario(
    DURABLE_PROJECTS.filter((subject) => subject.engine === engine),
    library,
  );
}
