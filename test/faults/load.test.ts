import { expect } from 'chai';
import { amount, report } from './harness/seed.js';
import { ALL_PROJECTS } from './harness/server-folder.js';
import { attackProblems, attackServer } from './scenarios/attack/attack-scenario.js';

/** The most that the slowest hundredth of good requests may take, in ms. */
const MOST = 100;
const ROUNDS = amount(3, 60);
const QUIET = 3_000;
const ATTACK = 20_000;

describe('Under attack', function () {
  this.timeout(0);

  const seconds = (ROUNDS * ATTACK) / 1000;
  it(`good clients are served: 500 slow sockets, 200 bad keys and 50 large bodies a second, ${seconds} s`, async () => {
    const besieged = await attackServer(ALL_PROJECTS, ROUNDS, QUIET, ATTACK);
    const { answers, quiet, attacked, plain, requests } = besieged;
    report({
      'good requests': requests,
      'slowest hundredth': `${attacked.toFixed(1)} ms`,
      'in the quiet': `${quiet.toFixed(1)} ms`,
      'of a plain server meanwhile': `${plain.toFixed(1)} ms`,
      attacker: JSON.stringify(answers),
    });
    expect(attackProblems(besieged, MOST)).to.deep.equal([]);
    const kinds = ['slow headers 408', 'bad keys 401', 'bad keys 429', 'large bodies 413'];
    expect(answers).to.include.all.keys(kinds);
    // A client that goes on sending after the response may lose it.
    const others = Object.keys(answers).filter((what) => !kinds.includes(what) && !what.endsWith(' cut off'));
    expect(others).to.deep.equal([]);
  });
});
