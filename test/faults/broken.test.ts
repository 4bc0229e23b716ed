import { expect } from 'chai';
import { DataSet, type Subject } from './data-set.js';
import { faultLibrary } from './fault-library.js';
import { killing } from './killing.js';
import { powerLoss } from './power-loss.js';
import { rivalry } from './rivals.js';
import { randomFrom, SEED } from './seed.js';

/** json-file with one promise broken, see the module of that name. */
function broken(name: string): Subject[] {
  return [
    { id: name, engine: `package:broken-${name}`, durable: true, encrypted: false, options: { journal_bytes: 1 } },
  ];
}

describe('The checks find an engine', function () {
  this.timeout(0);

  for (const name of ['no-fsync', 'no-folder-fsync']) {
    it(`that promises too much: ${name}, by a power cut`, async function () {
      const library = faultLibrary();
      if (library === undefined) this.skip();
      const { wrong } = await powerLoss(library, broken(name), { writes: 60, states: 80, random: randomFrom(SEED) });
      expect(wrong).to.not.be.empty;
      console.log(`        ${wrong[0]}`);
    });
  }

  for (const name of ['early-answer', 'half-batch']) {
    it(`that promises too much: ${name}, by kill -9`, async () => {
      const { wrong } = await killing(broken(name), 10, randomFrom(SEED));
      expect(wrong).to.not.be.empty;
      console.log(`        ${wrong[0]}`);
    });
  }

  it('that answers with what was before: stale-read, by the history of rivals', async () => {
    const subjects = broken('stale-read');
    const set = await DataSet.make(subjects);
    const [rivals] = await rivalry(set, subjects, randomFrom(SEED), [1_000]);
    const wrong = rivals?.verdict() ?? [];
    expect(wrong).to.not.be.empty;
    console.log(`        ${wrong[0]}`);
    await set.remove();
  });
});
