import { SEED, summary } from './seed.js';

let failed = 0;

afterEach(function () {
  if (this.currentTest?.state === 'failed') failed += 1;
});

after(() => {
  const verdict = failed === 0 ? 'lost 0, torn 0, unopenable 0' : `${failed} checks failed, see above`;
  console.log(`\n  In all: ${summary()}; ${verdict}; seed ${SEED}`);
});
