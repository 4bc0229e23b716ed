import { expect } from 'chai';
import { DURABLE } from './data-set.js';
import { killing } from './killing.js';
import { randomFrom, report, SEED, TIMES } from './seed.js';

const ROUNDS = 30 * TIMES;
/** How long a start may take after a kill, in ms. */
const READY = 2_000;

describe('kill -9 of the server', function () {
  this.timeout(0);

  it(`loses nothing, tears nothing, repeats no version, and is ready in 2 s: ${ROUNDS} rounds per engine`, async () => {
    const { wrong, acknowledged, leastAcknowledged, starts } = await killing(DURABLE, ROUNDS, randomFrom(SEED));
    expect(wrong, `seed ${SEED}`).to.deep.equal([]);
    expect(leastAcknowledged).to.be.greaterThan(ROUNDS);
    const sorted = [...starts].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    report({
      projects: DURABLE.length,
      rounds: ROUNDS,
      acknowledged,
      'lost 0, torn 0, unopenable': 0,
      start: `${Math.round(median)} ms, slowest ${Math.round(sorted.at(-1) ?? 0)} ms`,
    });
    expect(median).to.be.below(READY);
  });
});
