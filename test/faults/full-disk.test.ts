import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSet, DURABLE, type Subject } from './data-set.js';
import { Ledger } from './ledger.js';
import { report } from './seed.js';
import { ServerProcess } from './server-process.js';
import { type SmallDisk, smallDisk } from './small-disk.js';
import { change, nextValue, readAll, type Tested } from './workload.js';

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
    const { set, server, all } = await begin((disk as SmallDisk).path, DURABLE, RESERVE);
    const ballast = await fillUp((disk as SmallDisk).path, RESERVE / 2);
    await sleep(1_500);
    for (const tested of all) {
      const put = await server.send('PUT', `${tested.id}/values/own-0-0`, { body: nextValue() });
      expect(put.status, `${tested.id}: ${put.text}`).to.equal(507);
      expect((await server.send('GET', `${tested.id}/values/own-0-1`)).status).to.equal(200);
      expect(await change(server, tested, 'DELETE', 'own-0-1', null)).to.equal(true);
      expect((await server.send('GET', `${tested.id}/values/own-0-1`)).status, tested.id).to.equal(404);
    }
    await rm(ballast);
    await sleep(1_500);
    for (const tested of all) await change(server, tested, 'PUT', 'own-0-2', nextValue());
    expect(all.map(({ ledger }) => ledger.unacknowledged)).to.deep.equal(all.map(() => 0));
    await finish(set, server, all);
    report({ projects: all.length, 'lost 0, restarts': 0 });
  });

  for (const subject of DURABLE) {
    it(`to the last byte loses nothing, refuses or says unknown, and recovers: ${subject.id}`, async () => {
      const { set, server, all } = await begin((disk as SmallDisk).path, [subject], 0);
      const [tested] = all as [Tested];
      const ballast = await fillUp((disk as SmallDisk).path, 200_000);
      let alive = true;
      for (let i = 0; i < 60 && alive; i++) alive = await change(server, tested, 'PUT', `own-0-${i}`, large());
      const { unacknowledged } = tested.ledger;
      await rm(ballast);
      if (alive) {
        const end = performance.now() + 10_000;
        while ((await server.send('PUT', `${subject.id}/values/probe`, { body: '0:0:' })).status >= 300) {
          expect(performance.now(), server.log.slice(-500)).to.be.below(end);
          await sleep(50);
        }
        expect((await server.send('DELETE', `${subject.id}/values/probe`)).status).to.equal(204);
        await finish(set, server, all);
      } else {
        const { signal } = await server.ended;
        const again = await ServerProcess.start(set);
        await again.ready();
        expect(signal, server.log.slice(-500)).to.equal('SIGABRT');
        await finish(set, again, all);
      }
      report({ failed: unacknowledged, ended: alive ? 0 : 1, 'lost 0, unopenable': 0 });
      expect(unacknowledged).to.be.greaterThan(0);
    });
  }
});

async function begin(mount: string, subjects: readonly Subject[], reserve: number) {
  const set = await DataSet.make(subjects, { min_free_bytes: reserve }, mount);
  const server = await ServerProcess.start(set);
  await server.ready();
  const all: Tested[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  for (const tested of all) for (let i = 0; i < 5; i++) await change(server, tested, 'PUT', `own-0-${i}`, nextValue());
  return { set, server, all };
}

/** Compares, now and after a kill. */
async function finish(set: DataSet, server: ServerProcess, all: readonly Tested[]): Promise<void> {
  const look = async (it: ServerProcess) => {
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(it, tested)));
    expect(all.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
  };
  await look(server);
  await server.kill();
  const again = await ServerProcess.start(set);
  await again.ready();
  await look(again);
  await again.kill('SIGTERM');
  await set.remove();
}

/** Leaves some bytes free. */
async function fillUp(mount: string, leave: number): Promise<string> {
  const path = join(mount, 'ballast');
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', mount], { encoding: 'utf8' });
  await writeFile(path, Buffer.alloc(Number(stdout.trim().split('\n')[1]) - leave));
  return path;
}

function large(): string {
  return `1:30000:${'x'.repeat(30_000)}`;
}
