import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Answer, type Sent, send } from '../rest/http-client.js';
import { DataSet, DURABLE } from './data-set.js';
import { Ledger } from './ledger.js';
import { report } from './seed.js';
import { ServerProcess } from './server-process.js';
import { readAll, type Target, type Tested, write } from './workload.js';

const ROUNDS = 5;

describe('SIGTERM under load', function () {
  this.timeout(0);

  it(`loses nothing and resets no connection before its answer, ${ROUNDS} times`, async () => {
    const set = await DataSet.make(DURABLE);
    const all: Tested[] = DURABLE.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
    const resets: string[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const server = await ServerProcess.start(set);
      await server.ready();
      for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
      expect(all.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
      const target = new Counting(server.address, resets);
      const writing = all.map((tested) => write(target, tested, 4, () => false));
      await sleep(300);
      const { code } = await server.kill('SIGTERM');
      expect(code).to.equal(0);
      await Promise.all(writing);
    }
    expect(resets).to.deep.equal([]);
    report({ rounds: ROUNDS, 'lost 0, resets': 0 });
    await set.remove();
  });
});

/** Notes every request that had reached the server and got no answer. */
class Counting implements Target {
  constructor(
    private readonly address: string,
    private readonly resets: string[],
  ) {}

  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    try {
      return await send(this.address, method, `/api/v1/projects/${path}`, sent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNREFUSED') this.resets.push(`${method} ${path}: ${code}`);
      throw error;
    }
  }
}
