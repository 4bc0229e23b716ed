import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { report } from './harness/seed.js';
import { ServerProcess, TIMEOUT, withTimeout } from './harness/server/server-process.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { readAll, type TrackedProject } from './harness/workload.js';
import { hangWrite } from './scenarios/hang-scenario.js';

const GAVE_UP = 75;
/** Encryption makes no difference here. */
const PLAIN = DURABLE_PROJECTS.filter(({ encrypted }) => !encrypted);

describe('A disk that hangs', function () {
  this.timeout(0);
  let library: string | undefined;

  before(function () {
    library = faultLibrary();
    if (library === undefined) this.skip();
  });

  async function look(server: ServerProcess, tested: TrackedProject): Promise<void> {
    tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
    expect(tested.wrong).to.deep.equal([]);
  }

  for (const subject of PLAIN) {
    it(`for 3 s is reported to clients, and nothing is lost: ${subject.id}`, async () => {
      const files = subject.engine === 'lmdb' ? `/${subject.id}.lmdb/journal/` : `/${subject.id}`;
      const { folder, server, tested } = await hangWrite(library as string, subject, 3_000, files);
      expect(tested.ledger.unacknowledged).to.equal(1);
      const end = performance.now() + TIMEOUT;
      while ((await server.send('PUT', `${subject.id}/values/probe`, { body: '0:0:' })).status >= 300) {
        expect(performance.now(), server.log.slice(-500)).to.be.below(end);
        await sleep(50);
      }
      await server.send('DELETE', `${subject.id}/values/probe`);
      await look(server, tested);
      await server.kill();
      const again = await ServerProcess.start(folder);
      await again.ready();
      await look(again, tested);
      await again.kill('SIGTERM');
      await folder.remove();
    });
  }

  for (const subject of PLAIN.filter(({ engine }) => engine === 'lmdb')) {
    it(`for good, in LMDB, ends the server with ${GAVE_UP}; the next start loses nothing: ${subject.id}`, async () => {
      const files = `/${subject.id}.lmdb/data.mdb`;
      const { folder, server, tested } = await hangWrite(library as string, subject, 60_000, files);
      const { code, signal } = await withTimeout(TIMEOUT, server.ended, 'the server does not give up');
      expect(server.log).to.include(`exit code ${GAVE_UP}`);
      // If not even the exit returns from the disk, the process is killed.
      expect(`${code ?? signal}`).to.be.oneOf([`${GAVE_UP}`, 'SIGKILL']);
      const again = await ServerProcess.start(folder);
      await again.ready();
      await look(again, tested);
      await again.kill('SIGTERM');
      report({ ended: `${code ?? signal}`, 'lost 0, torn 0, unopenable': 0 });
      await folder.remove();
    });
  }
});
