import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { amount, report } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { closeWhileFailing, cutEachWrite, failDataFile } from './scenarios/unwritable-data-scenario.js';

/** What fails for good, and how a write is refused once too many wait. */
const FAULTS: readonly (readonly [rule: string, refusal: string])[] = [
  ['write:EIO:data.mdb:1+', '503 unavailable'],
  ['sync:EIO:data.mdb:1+', '503 unavailable'],
  ['open:EMFILE:data.mdb:1+', '503 unavailable'],
  ['write:ENOSPC:data.mdb:1+', '507 insufficient_storage'],
];

/** How many writes are cut. */
const MOST = amount(12, 60);
/** Encryption makes no difference here. */
const SUBJECTS = DURABLE_PROJECTS.filter(({ engine, encrypted }) => engine === 'lmdb' && !encrypted);

describe('While LMDB cannot write its file, an lmdb project', function () {
  this.timeout(0);

  for (const [rule, expected] of FAULTS) {
    for (const subject of SUBJECTS) {
      it(`is read and written up to a bound, refuses more, recovers, loses nothing: ${rule}`, async function () {
        const library = faultLibrary();
        if (library === undefined) this.skip();
        const { wrong, taken, refusal, recovery } = await failDataFile(library, subject, rule);
        expect(wrong).to.deep.equal([]);
        expect(taken).to.be.greaterThan(10);
        expect(refusal).to.equal(expected);
        report({ taken, refusal, 'recovered after ms': Math.round(recovery), 'lost 0, torn 0': 0 });
      });
    }
  }

  for (const [rule, expected] of FAULTS) {
    for (const subject of SUBJECTS) {
      it(`may be closed while it is not used, loses nothing and recovers by itself: ${rule}`, async function () {
        const library = faultLibrary();
        if (library === undefined) this.skip();
        const { wrong, opened, recovery } = await closeWhileFailing(library, subject, rule);
        expect(wrong).to.deep.equal([]);
        // It cannot be opened without a write to its file.
        expect(opened).to.equal(expected);
        report({ 'a read meanwhile': opened, 'recovered after ms': Math.round(recovery), 'lost 0, torn 0': 0 });
      });
    }
  }

  for (const subject of SUBJECTS) {
    it('takes every write while one write after the other to that file is cut short', async function () {
      const library = faultLibrary();
      if (library === undefined) this.skip();
      expect(await cutEachWrite(library, subject, MOST)).to.deep.equal([]);
    });
  }
});
