import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MovableClock } from '../harness/movable-clock.js';
import { TestServer } from '../harness/test-server.js';
import { type SmallDisk, smallDisk } from './harness/disk/small-disk.js';
import { report } from './harness/seed.js';
import { DURABLE_ENGINES, DURABLE_PROJECTS } from './harness/server-folder.js';
import { nextValue, writeKey } from './harness/workload.js';
import {
  deleteAfterReading,
  fillToLastByte,
  fillUp,
  finishOnDisk,
  startOnDisk,
} from './scenarios/full-disk-scenario.js';

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

  it('lets deletes go on without a free byte, however long it takes, also after a change of engine', async () => {
    const { path } = disk as SmallDisk;
    const clock = new MovableClock();
    const { TMPDIR } = process.env;
    process.env.TMPDIR = path;
    const server = await TestServer.start(clock).finally(() => {
      // To set it to undefined would make it that word, for every test after this one.
      if (TMPDIR === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
      else process.env.TMPDIR = TMPDIR;
    });
    const keys = new Map<string, string>();
    const call = async (method: string, engine: string, route: string, body?: string) => {
      const key = keys.get(engine);
      const sent = { key, ...(body === undefined ? {} : { body }) };
      const { status, text } = await server.call(method, `${engine}/${route}`, sent);
      return [200, 201, 204].includes(status) ? 'done' : `${engine} ${route}: ${status} ${text}`;
    };
    let ballast: string | undefined;
    try {
      await server.configure({ min_free_bytes: 0 });
      for (const engine of DURABLE_ENGINES) {
        keys.set(engine, await server.project(engine, { storage: { engine: 'memory' } }));
        for (let i = 0; i < 12; i++) await call('PUT', engine, `values/key-${i}`, 'x'.repeat(500));
        const body = JSON.stringify({ storage: { engine } });
        const { headers } = await server.call('PUT', engine, { key: server.systemKey, body });
        const state = () => server.call('GET', headers.get('location') ?? '', { key: server.systemKey });
        while ((await state()).json.data.state === 'copying') await sleep(20);
      }
      ballast = await fillUp(path, 0);
      for (let i = 0; i < 12; i += 4) {
        // Versions are reserved for ten seconds.
        clock.shift += 11_000;
        for (const engine of DURABLE_ENGINES) {
          expect(await call('DELETE', engine, `values/key-${i}`)).to.equal('done');
          const operations = [1, 2, 3].map((more) => ({ delete: { key: `key-${i + more}` } }));
          expect(await call('POST', engine, 'transactions', JSON.stringify({ operations }))).to.equal('done');
        }
      }
      // Directories take no room in advance.
      for (const engine of DURABLE_ENGINES.filter((name) => name !== 'directory')) {
        expect(await call('PUT', engine, 'values/large', 'x'.repeat(1_000_000))).to.include('507');
      }
    } finally {
      if (ballast !== undefined) await rm(ballast);
      await server.stop();
    }
  });

  for (const kind of ['tmpfs', 'ext4'] as const) {
    it(`lets entries be deleted in projects that were only read since the start: ${kind}`, async function () {
      const own = await smallDisk(kind, DISK);
      if (own === undefined) this.skip();
      try {
        expect(await deleteAfterReading(own.path, DURABLE_PROJECTS)).to.deep.equal([]);
      } finally {
        await own.remove();
      }
    });
  }

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
