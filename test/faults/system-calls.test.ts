import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSet, DURABLE, DURABLE_ENGINES } from './data-set.js';
import { FaultSwitch, faultEnv, faultLibrary } from './fault-library.js';
import { Ledger } from './ledger.js';
import { randomFrom, report, SEED, TIMES } from './seed.js';
import { ServerProcess } from './server-process.js';
import { readAll, type Tested, write } from './workload.js';

const ROUNDS = 60 * TIMES;
const CALLS = ['write', 'sync', 'rename', 'open', 'unlink', 'any', 'any'];

describe('kill at a system call', function () {
  this.timeout(0);

  it(`before, after and in the middle of the n-th write, sync, rename and others, ${ROUNDS} times`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const random = randomFrom(SEED + 1);
    const set = await DataSet.make(DURABLE);
    const faults = new FaultSwitch(join(set.folder, 'faults'));
    const env = faultEnv(library, set.data, faults.env);
    const all: Tested[] = DURABLE.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
    const figures = { rounds: 0, 'killed by the fault': 0, 'killed while opening': 0 };
    for (; figures.rounds < ROUNDS; figures.rounds++) {
      const action = ['KILL', 'KILLAFTER', 'TORN'][figures.rounds % 3];
      const engine = DURABLE_ENGINES[figures.rounds % DURABLE_ENGINES.length];
      const call = action === 'TORN' ? 'write' : CALLS[Math.floor(random() * CALLS.length)];
      const rule = `${call}:${action}:/${engine}:${1 + Math.floor(random() * 12)}`;
      // One in five meets the fault while it opens what the last one left.
      if (figures.rounds % 5 === 4) {
        faults.set(rule);
        const opening = ServerProcess.launch(set, { env });
        const began = opening.listening().then(() => opening.ready());
        await Promise.race([began.catch(() => undefined), opening.ended]);
        const { signal } = await opening.kill();
        if (signal === 'SIGKILL') figures['killed while opening'] += 1;
        faults.clear();
      }
      const server = await ServerProcess.start(set, { env });
      await server.ready();
      for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
      const wrong = all.flatMap((tested) => tested.wrong.map((what) => `${tested.id}: ${what}`));
      expect(wrong, `round ${figures.rounds} after ${rule}, seed ${SEED}`).to.deep.equal([]);
      faults.set(rule);
      let stopped = false;
      const writing = all.map((tested) => write(server, tested, 3, () => stopped));
      if (await Promise.race([server.ended, sleep(400)])) figures['killed by the fault'] += 1;
      await server.kill();
      stopped = true;
      await Promise.all(writing);
      faults.clear();
    }
    report({ ...figures, 'lost 0, torn 0, unopenable': 0 });
    expect(figures['killed by the fault']).to.be.greaterThan(ROUNDS / 3);
    await set.remove();
  });
});
