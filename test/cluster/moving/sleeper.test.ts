import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { remoteEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import type { RegistryProcess } from '../registry/registry-process.js';
import { beginMove, lastMigration, missingAt, move, pause, writeEverywhere } from '../registry/shared-workload.js';
import { MovingServers, reason, skipped } from './moving-servers.js';

/** How long a server sleeps, in ms: longer than it may serve without the registry. More for a longer run. */
const SLEEP = Number(process.env.CLUSTER_SLEEP ?? 5_000);
const WRITERS = 32;

describe(`A server that sleeps while a project moves${skipped}`, function () {
  this.timeout(120_000);
  let moving: MovingServers;
  before(async function () {
    if (reason !== undefined) this.skip();
    moving = await MovingServers.start(['', '']);
  });
  after(() => moving?.remove());

  for (const [i, engine] of remoteEngineNames.entries()) {
    const next = remoteEngineNames[(i + 1) % remoteEngineNames.length] as string;
    it(`loses no write that it acknowledges, from ${engine} to ${next}`, async () => {
      expect(await lostAfterSleep(moving, `slept-${engine}`, engine, next)).to.deep.equal([]);
    });
  }

  it('uses the place that another server has chosen meanwhile, if it was to move the project itself', async () => {
    const key = await moving.create('overtaken', 'postgres');
    await moving.fill('overtaken', key, 4_000);
    const [awake, asleep] = moving.servers as [RegistryProcess, RegistryProcess];
    await beginMove(asleep, 'overtaken', moving.system, moving.storageOf('etcd'));
    asleep.portkv.kill('SIGSTOP');
    const engine = async () => (await awake.call('GET', 'overtaken', moving.system)).data.storage.engine;
    while ((await engine()) !== 'postgres') await pause();
    await move(awake, 'overtaken', moving.system, moving.storageOf('redis'));
    expect((await awake.call('PUT', 'overtaken/values/k', key, 'at redis')).status).to.equal(201);
    asleep.portkv.kill('SIGCONT');
    const read = await asleep.call('GET', 'overtaken/values/k', key);
    expect([read.status, read.text]).to.deep.equal([200, 'at redis']);
    while (asleep.logged('but the change was not answered') + asleep.logged('could not be changed') === 0)
      await pause();
    expect((await asleep.call('PUT', 'overtaken/values/k', key, 'later')).status).to.equal(204);
    expect((await awake.call('GET', 'overtaken/values/k', key)).text).to.equal('later');
    for (const server of [awake, asleep]) {
      expect((await server.call('GET', 'overtaken', moving.system)).data.storage.engine).to.equal('redis');
      expect((await lastMigration(server, 'overtaken', moving.system)).state).to.equal('done');
    }
  });
});

describe(`A move whose change of the registry is not answered${skipped}`, function () {
  this.timeout(120_000);
  let moving: MovingServers;
  before(async function () {
    if (reason !== undefined) this.skip();
    moving = await MovingServers.start(['', 'lost-answer.js']);
  });
  after(() => moving?.remove());

  it('is done at all servers, in the settings, too, and clients lose nothing', async () => {
    const key = await moving.create('unanswered', 'postgres');
    const [a, b] = moving.servers as [RegistryProcess, RegistryProcess];
    let ended = false;
    const writing = writeEverywhere(moving.servers, 'unanswered', key, () => ended);
    await beginMove(b, 'unanswered', moving.system, moving.storageOf('redis'));
    while (b.logged('but the change was not answered') === 0) {
      expect(b.logged('could not be changed'), b.portkv.stderr).to.equal(0);
      await pause();
    }
    await sleep(500);
    ended = true;
    const written = await writing;
    expect(written.failures.slice(0, 5)).to.deep.equal([]);
    for (const server of [a, b]) {
      expect((await server.call('GET', 'unanswered', moving.system)).data.storage.engine).to.equal('redis');
      expect((await lastMigration(server, 'unanswered', moving.system)).state).to.equal('done');
      expect(await missingAt(server, 'unanswered', key, written)).to.deep.equal([]);
    }
    // Nothing of it is in the way of another one.
    await move(a, 'unanswered', moving.system, moving.storageOf('etcd'));
    expect((await b.call('PUT', 'unanswered/values/k', key, 'x')).status).to.equal(201);
  });
});

describe(`A server that sleeps while a project moves, if stores are not fenced${skipped}`, function () {
  this.timeout(120_000);
  let moving: MovingServers;
  before(async function () {
    if (reason !== undefined) this.skip();
    moving = await MovingServers.start(['no-fence.js', 'no-fence.js']);
  });
  after(() => moving?.remove());

  it('is noticed to lose writes', async () => {
    const lost: string[] = [];
    for (let round = 0; lost.length === 0 && round < 5; round++) {
      lost.push(...(await lostAfterSleep(moving, `unfenced-${round}`, 'postgres', 'redis')));
    }
    expect(lost).to.not.deep.equal([]);
  });
});

/**
 * Stops a server in the middle of many writes, moves the project, and has the server go on with them. Returns what it
 * acknowledged and is not there.
 */
async function lostAfterSleep(moving: MovingServers, id: string, from: string, to: string): Promise<string[]> {
  const key = await moving.create(id, from);
  const [awake, asleep] = moving.servers as [RegistryProcess, RegistryProcess];
  const acknowledged: string[] = [];
  let isOver = false;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 0; !isOver; n++) {
      const name = `${writer}-${n}`;
      // Reads before it commits: the answer to that may come while it sleeps.
      const done = await asleep.callOnce('PUT', `${id}/values/${name}`, key, 'x');
      if (done.status === 201) acknowledged.push(name);
      else await pause();
    }
  });
  while (acknowledged.length < 200) await pause();
  asleep.portkv.kill('SIGSTOP');
  await move(awake, id, moving.system, moving.storageOf(to));
  await sleep(SLEEP);
  asleep.portkv.kill('SIGCONT');
  for (const before = acknowledged.length; acknowledged.length < before + 200; ) await pause();
  isOver = true;
  await Promise.all(writers);
  const exported = (await awake.call('GET', `${id}/export`, key)).text;
  const there = new Set([...exported.matchAll(/"key":"([^"]+)"/g)].map(([, name]) => name));
  return acknowledged.filter((name) => !there.has(name));
}
