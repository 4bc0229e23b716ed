import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type SmallDisk, smallDisk } from './harness/disk/small-disk.js';
import { report } from './harness/seed.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import { nextValue, writeKey } from './harness/workload.js';
import { fillToLastByte, fillUp, finishOnDisk, startOnDisk } from './scenarios/full-disk-scenario.js';

const DISK = 64 * 1024 * 1024;
const RESERVE = 4 * 1024 * 1024;

describe('A full disk', function () {
  this.timeout(0);
  let disk: SmallDisk | undefined;

  before(async function () {
    disk = await smallDisk('tmpfs', DISK);
    if (disk === undefined) this.skip();
  });

  after(async () => disk?.remove());

  it('refuses writes with 507 while reads and deletes go on, and recovers without a restart', async () => {
    const { folder, server, all } = await startOnDisk((disk as SmallDisk).path, DURABLE_PROJECTS, RESERVE);
    const ballast = await fillUp((disk as SmallDisk).path, RESERVE / 2);
    await sleep(1_500);
    for (const tested of all) {
      const put = await server.send('PUT', `${tested.id}/values/own-0-0`, { body: nextValue() });
      expect(put.status, `${tested.id}: ${put.text}`).to.equal(507);
      expect((await server.send('GET', `${tested.id}/values/own-0-1`)).status).to.equal(200);
      expect(await writeKey(server, tested, 'DELETE', 'own-0-1', null)).to.equal(true);
      expect((await server.send('GET', `${tested.id}/values/own-0-1`)).status, tested.id).to.equal(404);
    }
    await rm(ballast);
    await sleep(1_500);
    for (const tested of all) await writeKey(server, tested, 'PUT', 'own-0-2', nextValue());
    expect(all.map(({ ledger }) => ledger.unacknowledged)).to.deep.equal(all.map(() => 0));
    expect(await finishOnDisk({ folder, server, all })).to.deep.equal([]);
    report({ projects: all.length, 'lost 0, restarts': 0 });
  });

  for (const subject of DURABLE_PROJECTS) {
    it(`to the last byte loses nothing, refuses or reports an unknown outcome, recovers: ${subject.id}`, async () => {
      const { wrong, unacknowledged, end } = await fillToLastByte((disk as SmallDisk).path, subject);
      expect(wrong).to.deep.equal([]);
      expect(end).to.be.oneOf(subject.engine === 'lmdb' ? [undefined, 'SIGABRT'] : [undefined]);
      report({ failed: unacknowledged, ended: end === undefined ? 0 : 1, 'lost 0, unopenable': 0 });
      expect(unacknowledged).to.be.greaterThan(0);
    });
  }
});
