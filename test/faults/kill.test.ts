import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSet, DURABLE } from './data-set.js';
import { Ledger } from './ledger.js';
import { randomFrom, report, SEED, TIMES } from './seed.js';
import { ServerProcess } from './server-process.js';
import { readAll, type Tested, write } from './workload.js';

const ROUNDS = 30 * TIMES;
/** How long a start may take after a kill, in ms. */
const READY = 2_000;

describe('kill -9 of the server', function () {
  this.timeout(0);

  it(`loses nothing, tears nothing, repeats no version, and is ready in 2 s: ${ROUNDS} rounds per engine`, async () => {
    const random = randomFrom(SEED);
    const set = await DataSet.make(DURABLE);
    const all: Tested[] = DURABLE.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
    const starts: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const began = performance.now();
      const server = await ServerProcess.start(set);
      await server.ready();
      if (round > 0) starts.push(performance.now() - began);
      for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
      const wrong = all.flatMap((tested) => tested.wrong.map((what) => `${tested.id}: ${what}`));
      expect(wrong, `round ${round}, seed ${SEED}`).to.deep.equal([]);
      if (round < ROUNDS) await killUnderLoad(server, all, random() * 300);
      else await server.kill('SIGTERM');
    }
    const acknowledged = all.map(({ ledger }) => ledger.acknowledged);
    expect(Math.min(...acknowledged)).to.be.greaterThan(ROUNDS);
    report({
      projects: all.length,
      rounds: ROUNDS,
      acknowledged: acknowledged.reduce((sum, it) => sum + it),
      'lost 0, torn 0, unopenable': 0,
      start: `${Math.round(median(starts))} ms, slowest ${Math.round(Math.max(...starts))} ms`,
    });
    expect(median(starts)).to.be.below(READY);
    await set.remove();
  });
});

async function killUnderLoad(server: ServerProcess, all: readonly Tested[], after: number): Promise<void> {
  let stopped = false;
  const writing = all.map((tested) => write(server, tested, 3, () => stopped));
  await sleep(after);
  await server.kill();
  stopped = true;
  await Promise.all(writing);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
