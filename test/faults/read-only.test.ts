import { expect } from 'chai';
import { smallDisk } from './harness/disk/small-disk.js';
import { report } from './harness/seed.js';
import { DURABLE_ENGINES, DURABLE_PROJECTS } from './harness/server-folder.js';
import { failDisk } from './scenarios/read-only-scenario.js';

const DISK = 48 * 1024 * 1024;

describe('A file system that becomes read-only', function () {
  this.timeout(0);

  for (const engine of DURABLE_ENGINES) {
    it(`under load refuses writes and loses nothing: ${engine}`, async function () {
      const disk = await smallDisk('ext4', DISK);
      if (disk === undefined) this.skip();
      try {
        const subjects = DURABLE_PROJECTS.filter((subject) => subject.engine === engine);
        const { wrong, unacknowledged, end } = await failDisk(disk, subjects);
        expect(wrong).to.deep.equal([]);
        expect(unacknowledged).to.be.greaterThan(0);
        // See docs/testing.md: lmdb 3.5.6 aborts on some failed writes.
        expect(end).to.be.oneOf(engine === 'lmdb' ? [undefined, 'SIGABRT'] : [undefined]);
        report({ refused: unacknowledged, ended: end === undefined ? 0 : 1, 'lost 0, torn 0, unopenable': 0 });
      } finally {
        await disk.remove();
      }
    });
  }
});
