import { expect } from 'chai';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { killRepeatedly } from './scenarios/kill-scenario.js';

const ROUNDS = amount(25, 1_000);

describe('kill -9 of the server', function () {
  this.timeout(0);

  it(`loses nothing, tears nothing and repeats no version: ${ROUNDS} rounds per engine`, async () => {
    const { wrong, acknowledged, leastAcknowledged, starts } = await killRepeatedly(
      DURABLE_PROJECTS,
      ROUNDS,
      randomFrom(SEED),
    );
    expect(wrong, `seed ${SEED}`).to.deep.equal([]);
    expect(leastAcknowledged).to.be.greaterThan(ROUNDS / 3);
    const sorted = [...starts].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    report({
      projects: DURABLE_PROJECTS.length,
      rounds: ROUNDS,
      acknowledged,
      'lost 0, torn 0, unopenable': 0,
      start: `${Math.round(median)} ms, slowest ${Math.round(sorted.at(-1) ?? 0)} ms`,
    });
  });
});
