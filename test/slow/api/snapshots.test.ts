import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { shaDigest } from '../../../src/infrastructure/security/sha-digest.js';
import { verifyExport } from '../../../src/interfaces/cli/transfer/verify-export.js';
import { contents, exported } from '../../api/transfer/export-content.js';
import { type Answer, send } from '../../harness/http-client.js';
import { onEveryEngine, type Space } from '../../harness/on-every-engine.js';

onEveryEngine('A snapshot', (on) => {
  it('brings everything back at one moment, into the project and into another', async () => {
    const space = await on.space();
    for (let i = 0; i < 50; i++) await space.put(`key-${i}`, `${i}`);
    const before = contents(await exported(space));
    const taken = await as(space, 'POST', 'snapshots');
    expect(taken.status, taken.text).to.equal(201);
    expect(taken.json.data).to.include({ count: 50, reason: 'manual', engine: on.name, encrypted: false });
    expect(taken.headers.location).to.equal(`/api/v1/projects/${space.id}/snapshots/${taken.json.data.id}`);
    await space.put('key-1', 'changed');
    await space.put('newer', '1');
    const restored = await as(space, 'POST', `snapshots/${taken.json.data.id}/restore`);
    expect(restored.json.data).to.deep.equal({ count: 50, expired: 0, removed: 1 });
    expect(contents(await exported(space))).to.deep.equal(before);
    const other = await on.space();
    const body = JSON.stringify({ into: other.id });
    expect((await as(space, 'POST', `snapshots/${taken.json.data.id}/restore`, space.key, body)).status).to.equal(401);
    const into = await as(space, 'POST', `snapshots/${taken.json.data.id}/restore`, undefined, body);
    expect(into.status, into.text).to.equal(200);
    expect(contents(await exported(other))).to.deep.equal(before);
  });

  it('is listed, shown and deleted, and goes with its project', async () => {
    const space = await on.space();
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await as(space, 'POST', 'snapshots')).json.data.id);
    const listed = (await as(space, 'GET', 'snapshots')).json.data;
    expect(listed.map(({ id }: { id: string }) => id)).to.deep.equal(ids);
    expect((await as(space, 'GET', `snapshots/${ids[1]}`)).json.data).to.deep.equal(listed[1]);
    expect((await as(space, 'DELETE', `snapshots/${ids[1]}`)).status).to.equal(200);
    expect((await as(space, 'GET', `snapshots/${ids[1]}`)).status).to.equal(404);
    expect((await as(space, 'GET', 'snapshots')).json.data).to.have.length(2);
    const folder = join(on.server.folder, 'storage_data', 'snapshots.portkv', space.id);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).to.equal(0o600);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    await send(on.server.address, 'DELETE', `/api/v1/projects/${space.id}`, {
      headers: authorized(on.server.systemKey),
    });
    expect(await readdir(join(folder, '..'))).not.to.include(space.id);
  });

  it('is refused where its file is damaged, wherever that is, and changes nothing', async () => {
    const space = await on.space();
    for (let i = 0; i < 50; i++) await space.put(`key-${i}`, `${i * 7919}`);
    const { id } = (await as(space, 'POST', 'snapshots')).json.data;
    await space.put('precious', '1');
    const state = contents(await exported(space));
    const file = join(on.server.folder, 'storage_data', 'snapshots.portkv', space.id, `${id}.ndjson.gz`);
    const whole = await readFile(file);
    for (let i = 0; i < 15; i++) {
      const at = Math.floor((i / 15) * whole.length);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << (i % 8));
      for (const damaged of [flipped, whole.subarray(0, at)]) {
        await writeFile(file, damaged);
        const { status, text } = await as(space, 'POST', `snapshots/${id}/restore`);
        expect(status, `at ${at}: ${text}`).to.equal(422);
      }
    }
    await writeFile(file, whole);
    expect(contents(await exported(space))).to.deep.equal(state);
  }).timeout(60_000);

  it('is encrypted where its project is, and opens with the same keys', async () => {
    await writeFile(join(on.server.folder, 'snapshot.keys'), Buffer.alloc(32, 7).toString('base64'));
    const encryption = { key_file: 'snapshot.keys' };
    const space = await on.space({ storage: { engine: on.name, encryption } });
    for (let i = 0; i < 2000; i++) await space.put(`key-${i}`, 'canary '.repeat(20));
    const { id, encrypted } = (await as(space, 'POST', 'snapshots')).json.data;
    expect(encrypted).to.equal(true);
    const file = join(on.server.folder, 'storage_data', 'snapshots.portkv', space.id, `${id}.ndjson.gz`);
    const bytes = await readFile(file);
    expect(() => gunzipSync(bytes)).to.throw();
    const other = await on.space();
    const body = JSON.stringify({ into: other.id });
    const restored = await as(space, 'POST', `snapshots/${id}/restore`, undefined, body);
    expect(restored.status, restored.text).to.equal(200);
    expect(contents(await exported(other))).to.deep.equal(contents(await exported(space)));
    expect(await verifyExport(file, shaDigest)).to.include('encrypted');
    const away = join(on.server.folder, 'away.ndjson.gz');
    await writeFile(away, bytes);
    const problem: unknown = await verifyExport(away, shaDigest).catch((error: unknown) => error);
    expect((problem as Error).message)
      .to.include('encrypted with the key')
      .and.not.include('damaged');
    const keys = join(on.server.folder, 'snapshot.keys');
    const old = await readFile(keys);
    await writeFile(keys, `new:${Buffer.alloc(32, 8).toString('base64')}`);
    const keyless = await as(space, 'POST', `snapshots/${id}/restore`, undefined, body);
    await writeFile(keys, old);
    expect(keyless.status, keyless.text).to.equal(503);
    expect(keyless.json.message).to.match(/^Project '.*' needs the encryption key [0-9a-f]{8}, which/);
    expect((await as(space, 'POST', `snapshots/${id}/restore`, undefined, body)).status).to.equal(200);
  }).timeout(30_000);

  it('is named only by its id', async () => {
    const space = await on.space();
    for (const id of ['..', '../../config', '..%2F..%2Fconfig', '%2e%2e', 'nothing']) {
      expect((await as(space, 'GET', `snapshots/${encodeURIComponent(id)}`)).status).to.equal(404);
      expect((await as(space, 'POST', `snapshots/${encodeURIComponent(id)}/restore`)).status).to.equal(404);
    }
  });

  it('is taken as often as the settings say, and only the newest of those are kept', async () => {
    const space = await on.space({ storage: { engine: on.name, snapshots: { every: '1h', keep: 2 } } });
    await as(space, 'POST', 'snapshots');
    const routine = async () =>
      (await as(space, 'GET', 'snapshots')).json.data.filter(({ reason }: { reason: string }) => reason === 'routine');
    const until = async (holds: (all: { id: string }[]) => boolean) => {
      for (let all = await routine(); ; all = await routine()) {
        if (holds(all)) return all;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    try {
      let last = (await until((all) => all.length === 1)).at(-1);
      for (let i = 0; i < 3; i++) {
        on.clock.shift += 3_600_000;
        last = (await until((all) => all.at(-1)?.id !== last?.id && all.length <= 2)).at(-1);
      }
      expect(await routine()).to.have.length(2);
      expect((await as(space, 'GET', 'snapshots')).json.data).to.have.length(3);
    } finally {
      on.clock.shift = 0;
    }
    const wrong = await configure(space, { storage: { snapshots: { every: 'often' } } });
    expect(wrong.status).to.equal(400);
    expect(wrong.text).to.include('storage.snapshots.every');
    const off = await configure(space, { storage: { snapshots: null, keep_old_for: '1h' } });
    expect(off.status, off.text).to.equal(200);
    const { storage } = (await as(space, 'GET', '')).json.data;
    expect(storage).to.deep.equal({ engine: on.name, on_disk: on.durable, keep_old_for: '1h' });
  }).timeout(40_000);
});

onEveryEngine('Deleting the whole store', (on) => {
  it('happens at one moment, gives versions that go on, and leaves no old files', async () => {
    const space = await on.space();
    for (let i = 0; i < 20; i++) await space.put(`key-${i}`, '1');
    const before = (await space.get('key-1')).headers.etag as string;
    const { since } = (await space.send('GET', 'changes?wait=0')).json.data;
    let stop = false;
    const seen = new Set<number>();
    const reading = (async () => {
      while (!stop) seen.add((await space.send('GET', 'store?count=only')).json.data.count);
    })();
    expect((await space.send('DELETE', 'store')).status).to.equal(200);
    stop = true;
    await reading;
    for (const count of seen) expect(count).to.be.oneOf([0, 20]);
    const { changes } = (await space.send('GET', `changes?wait=0&since=${since}`)).json.data;
    expect(changes.map(({ event }: { event: string }) => event)).to.deep.equal(Array(20).fill('delete'));
    expect((await space.put('key-1', '2')).status).to.equal(201);
    const after = (await space.get('key-1')).headers.etag as string;
    expect(Number.parseInt(after.slice(1, -1), 36)).to.be.above(Number.parseInt(before.slice(1, -1), 36));
    const own = new RegExp(`^${space.id}([._]|$)`);
    for (let i = 0; ; i++) {
      const data = join(on.server.folder, 'storage_data');
      const files = (await readdir(data)).filter((name) => own.test(name));
      if (on.name === 'directory') {
        expect((await readdir(join(data, space.id))).filter((name) => name.endsWith('.json'))).to.have.length(1);
        break;
      }
      if (files.every((name) => name.startsWith(`${space.id}.2`) || name.includes('placement'))) break;
      expect(i, files.join(', ')).to.be.below(60);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

function authorized(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}

/** A call with the system key, or another. */
function as(space: Space, method: string, path: string, key = space.server.systemKey, body?: string): Promise<Answer> {
  const target = `/api/v1/projects/${space.id}${path === '' ? '' : `/${path}`}`;
  const named = path === '' ? space.key : key;
  return send(space.server.address, method, target, {
    headers: authorized(named),
    ...(body === undefined ? {} : { body }),
  });
}

function configure(space: Space, settings: object): Promise<Answer> {
  return send(space.server.address, 'PUT', `/api/v1/projects/${space.id}`, {
    headers: authorized(space.server.systemKey),
    body: JSON.stringify(settings),
  });
}
