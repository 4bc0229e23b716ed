import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineNamed, remoteEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { readPlacement, writePlacement } from '../../../src/infrastructure/storage/placement/files/stored-placement.js';
import type { Placement } from '../../../src/infrastructure/storage/placement/placement.js';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { REMOTE_ENGINES, type RemoteServer } from '../remote-engines.js';
import { RegistryProcess } from './registry-process.js';
import { beginMove, lastMigration, missingAt, move, pause, writeEverywhere } from './shared-workload.js';

/** How often a server is killed that moves a project. */
const ROUNDS = 3;

const missing = await Promise.all(remoteEngineNames.map((name) => REMOTE_ENGINES[name].missing()));
const dataOf = ({ folder }: RegistryProcess) => join(folder, 'storage_data');
const reason = missing.find((one) => one !== undefined);
const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`A project that moves while three servers serve it${skipped}`, () => {
  const places = new Map<string, RemoteServer>();
  let servers: RegistryProcess[] = [];
  let system = '';
  const storageOf = (engine: string) => ({ engine, options: places.get(engine)?.options ?? {} });
  const create = async (id: string, engine: string): Promise<string> => {
    const made = await servers[0]?.call('POST', '', system, { id, storage: storageOf(engine) });
    expect(made?.status, made?.text).to.equal(201);
    return made?.data.new_api_key;
  };
  const three = () => servers as [RegistryProcess, RegistryProcess, RegistryProcess];
  before(async function () {
    if (reason !== undefined) this.skip();
    for (const name of remoteEngineNames) places.set(name, await REMOTE_ENGINES[name].start());
    const registry = { engine: 'etcd', options: { url: (storageOf('etcd').options as { url: string }).url } };
    const first = await RegistryProcess.start(registry);
    servers = [first, await RegistryProcess.start(registry), await RegistryProcess.start(registry)];
    system = first.portkv.printed('SYSTEM_KEY');
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.remove()));
    for (const place of places.values()) await place.remove();
  });

  it('fails no request and loses nothing, from each engine to each other', async () => {
    const key = await create('round', 'etcd');
    let ended = false;
    const writing = writeEverywhere(servers, 'round', key, () => ended);
    const route = ['postgres', 'etcd', 'redis', 'postgres', 'redis', 'etcd'];
    const pauses: number[] = [];
    try {
      for (const [i, engine] of route.entries()) {
        const mover = servers[i % servers.length] as RegistryProcess;
        pauses.push(await move(mover, 'round', system, storageOf(engine)));
      }
    } finally {
      ended = true;
    }
    const written = await writing;
    expect(written.failures.slice(0, 5)).to.deep.equal([]);
    for (const server of servers) {
      expect(await missingAt(server, 'round', key, written)).to.deep.equal([]);
      expect((await server.call('GET', 'round', system)).data.storage.engine).to.equal('etcd');
    }
    console.log(`      ${written.increments} increments; writers waited ${pauses.join(', ')} ms`);
  }).timeout(180_000);

  it('has a feed that says that clients have to load again, and goes on at each server', async () => {
    const key = await create('watched', 'etcd');
    const [a, b, c] = three();
    const since = (await a.call('GET', 'watched/changes?wait=0', key)).data.since;
    const stream = await EventStreamReader.open(`${b.address}/api/v1/projects/watched/changes`, key);
    await stream.until('ready');
    await move(c, 'watched', system, storageOf('postgres'));
    const { data } = await a.call('GET', `watched/changes?wait=0&since=${since}`, key);
    expect(data).to.deep.include({ changes: [], resync: true });
    const told = await stream.until('resync').then(
      () => true,
      () => stream.closed,
    );
    expect(told, 'resync, or the end of the stream').to.equal(true);
    expect((await c.call('PUT', 'watched/values/k', key, 'x')).status).to.equal(201);
    for (const server of [a, b, c]) {
      const { data: next } = await server.call('GET', `watched/changes?wait=0&since=${data.since}`, key);
      expect(next.changes.map((it: { key: string }) => it.key)).to.deep.equal(['k']);
    }
    stream.close();
  }).timeout(60_000);

  it('belongs to one server while it is in files there, and to all as soon as it is moved', async () => {
    const [a, b, c] = three();
    const key = await create('local', 'lmdb');
    expect((await a.call('PUT', 'local/values/k', key, 'at a')).status).to.equal(201);
    const elsewhere = await b.call('GET', 'local/values/k', key);
    expect(elsewhere.status).to.equal(503);
    expect(elsewhere.text).to.match(/kept at server '[^']+', which alone serves it/);
    expect(await b.readiness(), 'it is ready nevertheless').to.equal(200);
    expect((await b.call('DELETE', 'local', system)).status).to.equal(503);
    expect((await b.call('PUT', 'local', system, { storage: storageOf('etcd') })).status).to.equal(503);

    let ended = false;
    const writing = writeEverywhere([a], 'local', key, () => ended);
    await move(a, 'local', system, storageOf('etcd'));
    for (const server of [b, c]) expect((await server.call('GET', 'local/values/k', key)).text).to.equal('at a');
    await move(b, 'local', system, storageOf('json-file'));
    ended = true;
    const written = await writing;
    expect(written.failures.filter((it) => !it.includes('which alone serves it')).slice(0, 5)).to.deep.equal([]);
    expect(await missingAt(b, 'local', key, written)).to.deep.equal([]);
    expect((await c.call('GET', 'local/values/k', key)).status).to.equal(503);
  }).timeout(120_000);

  it('is moved or not if the server that moves it is killed at any moment, and the others lose nothing', async () => {
    const key = await create('killed', 'postgres');
    await fill('killed', key, 300);
    const [a, b] = three();
    let [ended, down] = [false, false];
    const isDown = (server: RegistryProcess) => down && server === b;
    const writing = writeEverywhere(servers, 'killed', key, () => ended, isDown);
    const rounds: string[] = [];
    for (const engine of ['etcd', 'redis', 'postgres', 'etcd'].slice(0, ROUNDS)) {
      const before = (await a.call('GET', 'killed', system)).data.storage.engine;
      if (before === engine) continue;
      const after = Math.round(Math.random() * 1_300);
      await beginMove(b, 'killed', system, storageOf(engine));
      await new Promise((resolve) => setTimeout(resolve, after));
      down = true;
      await b.kill();
      while ((await lastMigration(a, 'killed', system)).state === 'copying') await pause();
      const wasMoved = (await lastMigration(a, 'killed', system)).state === 'done';
      while ((await a.call('GET', 'killed', system)).data.storage.engine !== (wasMoved ? engine : before))
        await pause();
      rounds.push(`${engine} after ${after} ms: ${wasMoved ? 'moved' : 'not moved'}`);
      await b.startAgain();
      down = false;
    }
    const last = await a.call('GET', 'killed', system);
    await move(a, 'killed', system, storageOf(last.data.storage.engine === 'redis' ? 'etcd' : 'redis'));
    ended = true;
    const written = await writing;
    console.log(`      ${rounds.join(', ')}; ${written.increments} increments`);
    expect(written.failures.slice(0, 5)).to.deep.equal([]);
    const unknown = rounds.length;
    for (const server of servers) expect(await missingAt(server, 'killed', key, written, unknown)).to.deep.equal([]);
  }).timeout(180_000);

  it('is where its settings say, and whole, if the server that goes back is killed at any moment', async () => {
    const key = await create('halfway', 'postgres');
    await fill('halfway', key, 300);
    const [a, b, c] = three();
    const rounds: string[] = [];
    for (const [round, engine] of ['etcd', 'redis', 'etcd', 'redis', 'etcd', 'redis'].entries()) {
      await move(a, 'halfway', system, storageOf(engine));
      const { id } = await lastMigration(b, 'halfway', system);
      const going = b.callOnce('POST', `halfway/migrations/${id}/rollback`, system).catch(() => undefined);
      const after = Math.round(Math.random() * 1_000);
      await new Promise((resolve) => setTimeout(resolve, after));
      await b.kill();
      await going;
      const placeOf = async () => ((await readPlacement(dataOf(a), 'halfway')) as Placement).engine;
      while ((await a.call('GET', 'halfway', system)).data.storage.engine !== (await placeOf())) await pause();
      rounds.push(`${engine} after ${after} ms: ${(await placeOf()) === engine ? 'stays' : 'back'}`);
      // What it was moved from is kept: another server can go back to it.
      const goBack = () => c.call('POST', `halfway/migrations/${id}/rollback`, system);
      let again = await goBack();
      // Until another one has undone what was begun; one that begins then is refused, too.
      while (/has the lease|elsewhere meanwhile/.test(again.text)) {
        await pause();
        again = await goBack();
      }
      expect(await placeOf(), again.text).to.equal('postgres');
      for (const server of [a, c]) {
        const put = await server.call('PUT', `halfway/values/after/${round}`, key, 'x');
        expect(put.status, put.text).to.be.below(300);
      }
      await b.startAgain();
      for (const server of servers) {
        const { text } = await server.call('GET', 'halfway/export', key);
        expect(text.match(/"key":"filled/g)).to.have.length(300);
      }
    }
    console.log(`      ${rounds.join(', ')}`);
  }).timeout(180_000);

  it('is written to again after a server was killed that had fenced it, also if entries expire', async () => {
    const key = await create('fenced', 'postgres');
    await fill('fenced', key);
    const [a, b] = three();
    for (let n = 0; n < 20; n++) {
      expect((await a.call('PUT', `fenced/store/short${n}?ttl=${2 + (n % 6)}`, key, 'x')).status).to.be.below(300);
    }
    await beginMove(b, 'fenced', system, storageOf('etcd'));
    await b.kill();
    const folder = dataOf(a);
    const { generation } = (await readPlacement(folder, 'fenced')) as Placement;
    const { server, Options } = await engineNamed('postgres');
    const options = Object.assign(new Options(), storageOf('postgres').options);
    await server?.fence({ project: 'fenced', generation, folder }, options, 'of the move');
    while ((await lastMigration(a, 'fenced', system))?.state !== 'failed') await pause();
    for (const it of [a, servers[2] as RegistryProcess]) {
      expect((await it.call('PUT', 'fenced/values/later', key, 'x')).status).to.be.below(300);
    }
    await b.startAgain();
  }).timeout(120_000);

  it('is kept at the old place for a minute, whatever the settings say, for servers that read there', async () => {
    const key = await create('kept', 'postgres');
    expect((await three()[1].call('PUT', 'kept/values/k', key, 'x')).status).to.equal(201);
    const [a] = three();
    await move(a, 'kept', system, { ...storageOf('redis'), keep_old_for: '0s' });
    const { kept = [] } = (await readPlacement(dataOf(a), 'kept')) as Placement;
    expect(kept[0]?.until).to.be.above(Date.now() + 20_000);
  });

  it('is there at all servers after one was killed that had marked it as deleted, and nothing more', async () => {
    const key = await create('marked', 'postgres');
    const [a, b] = three();
    expect((await b.call('PUT', 'marked/values/k', key, 'x')).status).to.equal(201);
    await b.kill();
    const placement = (await readPlacement(dataOf(b), 'marked')) as Placement;
    await writePlacement(dataOf(b), 'marked', { ...placement, deleted: true });
    await b.startAgain();
    for (const server of [a, b]) expect((await server.call('GET', 'marked/values/k', key)).text).to.equal('x');
    expect((await readPlacement(dataOf(b), 'marked'))?.deleted).to.equal(false);
    expect((await b.call('DELETE', 'marked', system)).status).to.equal(200);
    expect((await a.call('GET', 'marked/values/k', key)).status).to.be.oneOf([401, 404]);
  });

  it('is not moved by a server that slept in the middle', async () => {
    const key = await create('slept', 'postgres');
    await fill('slept', key);
    const [a, b] = three();
    let [ended, down] = [false, false];
    const writing = writeEverywhere(
      servers,
      'slept',
      key,
      () => ended,
      (server) => down && server === b,
    );
    await beginMove(b, 'slept', system, storageOf('etcd'));
    down = true;
    b.portkv.kill('SIGSTOP');
    while ((await a.call('GET', 'slept', system)).data.storage.engine !== 'postgres') await pause();
    b.portkv.kill('SIGCONT');
    while ((await lastMigration(b, 'slept', system)).state === 'copying') await pause();
    down = false;
    expect((await lastMigration(a, 'slept', system)).state).to.equal('failed');
    for (const server of servers)
      expect((await server.call('PUT', 'slept/values/later', key, 'x')).status).to.be.below(300);
    ended = true;
    const written = await writing;
    expect(written.failures.slice(0, 5)).to.deep.equal([]);
    for (const server of servers) expect(await missingAt(server, 'slept', key, written, 1)).to.deep.equal([]);
  }).timeout(180_000);

  it('is restored from a snapshot, encrypted and encrypted again, at all servers at once', async () => {
    const [a, b, c] = three();
    const key = await create('restored', 'postgres');
    expect((await a.call('PUT', 'restored/values/k', key, 'before')).status).to.equal(201);
    const { data } = await a.call('POST', 'restored/snapshots', key);
    expect((await b.call('PUT', 'restored/values/k', key, 'after')).status).to.equal(204);
    const restored = await a.call('POST', `restored/snapshots/${data.id}/restore`, key);
    expect(restored.status, restored.text).to.equal(200);
    for (const server of servers) expect((await server.call('GET', 'restored/values/k', key)).text).to.equal('before');
    expect((await c.call('PUT', 'restored/values/k', key, 'later')).status).to.equal(204);
    expect((await b.call('GET', 'restored/values/k', key)).text).to.equal('later');

    const keys = join(a.folder, 'test.keys');
    await writeFile(keys, `${randomBytes(32).toString('base64')}\n`);
    await move(b, 'restored', system, { encryption: { key_file: keys } });
    expect((await a.call('PUT', 'restored/values/secret', key, 'hidden')).status).to.equal(201);
    const rotated = await c.call('POST', 'restored/encryption/rotate', system);
    expect(rotated.status, rotated.text).to.equal(202);
    while ((await lastMigration(c, 'restored', system)).state === 'copying') await pause();
    for (const server of servers) {
      expect((await server.call('GET', 'restored/values/secret', key)).text).to.equal('hidden');
      const last = await lastMigration(server, 'restored', system);
      expect(last.state).to.equal('done');
    }
  });

  it('goes back to where it was before a move, at any server, unless one of them has written since', async () => {
    const key = await create('back', 'postgres');
    await fill('back', key, 300);
    const [a, b, c] = three();
    const rollBack = async (server: RegistryProcess) =>
      server.call('POST', `back/migrations/${(await lastMigration(server, 'back', system)).id}/rollback`, system);
    for (const [engine, mover, other] of [
      ['redis', a, b],
      ['etcd', b, c],
    ] as const) {
      await move(mover, 'back', system, storageOf(engine));
      const undone = await rollBack(other);
      expect(undone.status, undone.text).to.equal(200);
      expect(undone.data.rolled_back).to.equal(true);
      for (const server of servers) {
        expect((await server.call('GET', 'back', system)).data.storage.engine).to.equal('postgres');
        const name = `after/${engine}/${servers.indexOf(server)}`;
        expect((await server.call('PUT', `back/values/${name}`, key, 'x')).status).to.equal(201);
        for (const reader of servers) expect((await reader.call('GET', `back/values/${name}`, key)).text).to.equal('x');
      }
      expect((await rollBack(other)).status, 'only once').to.equal(409);
    }
    for (const writer of [b, c]) {
      await move(a, 'back', system, storageOf('redis'));
      expect((await writer.call('PUT', 'back/values/filled/7', key, 'newer')).status).to.equal(204);
      const refused = await rollBack(a);
      expect(refused.status, refused.text).to.equal(409);
      expect(refused.text).to.include('There are newer writes');
      expect((await c.call('GET', 'back/values/filled/7', key)).text).to.equal('newer');
      expect((await a.call('PUT', 'back/values/filled/8', key, 'goes on')).status).to.equal(204);
      await move(b, 'back', system, storageOf('postgres'));
    }
  }).timeout(120_000);

  it('loses nothing that is written while it goes back', async () => {
    const key = await create('raced', 'etcd');
    await fill('raced', key, 300);
    const [a, b] = three();
    const outcomes: number[] = [];
    let increments = 0;
    expect((await a.call('PUT', 'raced/values/n', key, '0')).status).to.equal(201);
    for (let round = 0; round < 8; round++) {
      await move(a, 'raced', system, storageOf('redis'));
      let ended = false;
      const { id } = await lastMigration(b, 'raced', system);
      const undoing = b.call('POST', `raced/migrations/${id}/rollback`, system).finally(() => {
        ended = true;
      });
      const writing = (async () => {
        // The first write comes sooner or later than the fence.
        await new Promise((resolve) => setTimeout(resolve, round * 60));
        return writeEverywhere(servers, 'raced', key, () => ended);
      })();
      outcomes.push((await undoing).status);
      const written = await writing;
      expect(written.failures.slice(0, 5)).to.deep.equal([]);
      increments += written.increments;
      // Keys of an earlier round have the same names: the counter shows what is missing.
      const all = { ...written, increments };
      for (const server of servers) expect(await missingAt(server, 'raced', key, all)).to.deep.equal([]);
      if (outcomes.at(-1) === 409) await move(b, 'raced', system, storageOf('etcd'));
    }
    expect(outcomes.filter((status) => status !== 200 && status !== 409)).to.deep.equal([]);
    console.log(`      rollbacks answered ${outcomes.join(', ')}`);
  }).timeout(180_000);

  const fill = async (project: string, key: string, count = 4_000) => {
    const lines = Array.from({ length: count }, (_, i) => ({
      put: { key: `filled/${i}`, text: 'x'.repeat(200) },
    }));
    for (let at = 0; at < lines.length; at += 100) {
      const done = await servers[0]?.call('POST', `${project}/transactions`, key, {
        operations: lines.slice(at, at + 100),
      });
      expect(done?.status, done?.text).to.equal(200);
    }
  };
});
