import { expect } from 'chai';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import { memoryLimit } from './harness/server/memory-limit.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { killRepeatedly } from './scenarios/kill-scenario.js';
import { exhaustMemory } from './scenarios/out-of-memory-scenario.js';

const ROUNDS = amount(3, 30);
const BYTES = 256 * 1024 * 1024;

describe('The kernel out of memory', function () {
  this.timeout(0);

  it(`kills the server under load, and nothing is lost or torn: ${ROUNDS} rounds`, async function () {
    const limit = memoryLimit(BYTES);
    if (limit === undefined) this.skip();
    try {
      const { wrong, acknowledged } = await killRepeatedly(
        DURABLE_PROJECTS,
        ROUNDS,
        randomFrom(SEED + 6),
        exhaustMemory(limit),
      );
      expect(wrong, `seed ${SEED}`).to.deep.equal([]);
      report({ projects: DURABLE_PROJECTS.length, rounds: ROUNDS, acknowledged, 'lost 0, torn 0, unopenable': 0 });
    } finally {
      limit.remove();
    }
  });
});
