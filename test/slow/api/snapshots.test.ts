import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { shaDigest } from '../../../src/infrastructure/security/sha-digest.js';
import { verifyExport } from '../../../src/interfaces/cli/transfer/verify-export.js';
import { contents, exported } from '../../harness/export-content.js';
import { type HttpResponse, send } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('A snapshot', (on) => {
  it('is restored at one moment, into its project or another', async () => {
    const project = await on.project();
    for (let i = 0; i < 50; i++) await project.put(`key-${i}`, `${i}`, i % 2 === 0 ? { 'kv-meta': `{"n":${i}}` } : {});
    const before = contents(await exported(project));
    const taken = await as(project, 'POST', 'snapshots');
    expect(taken.status, taken.text).to.equal(201);
    expect(taken.json.data).to.include({ count: 50, reason: 'manual', engine: on.name, encrypted: false });
    expect(taken.headers.location).to.equal(`/api/v1/projects/${project.id}/snapshots/${taken.json.data.id}`);
    expect(before[0]).to.deep.include({ key: 'key-0', meta: { n: 0 } });
    await project.put('key-1', 'changed');
    await project.put('key-2', '2');
    await project.put('newer', '1');
    const restored = await as(project, 'POST', `snapshots/${taken.json.data.id}/restore`);
    expect(restored.json.data).to.deep.equal({ count: 50, expired: 0, removed: 1 });
    expect(contents(await exported(project))).to.deep.equal(before);
    const other = await on.project();
    const body = JSON.stringify({ into: other.id });
    expect((await as(project, 'POST', `snapshots/${taken.json.data.id}/restore`, project.key, body)).status).to.equal(
      401,
    );
    const into = await as(project, 'POST', `snapshots/${taken.json.data.id}/restore`, undefined, body);
    expect(into.status, into.text).to.equal(200);
    expect(contents(await exported(other))).to.deep.equal(before);
  });

  it('is listed, shown and deleted, and is deleted with its project', async () => {
    const project = await on.project();
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await as(project, 'POST', 'snapshots')).json.data.id);
    const listed = (await as(project, 'GET', 'snapshots')).json.data;
    expect(listed.map(({ id }: { id: string }) => id)).to.deep.equal(ids);
    expect((await as(project, 'GET', `snapshots/${ids[1]}`)).json.data).to.deep.equal(listed[1]);
    expect((await as(project, 'DELETE', `snapshots/${ids[1]}`)).status).to.equal(200);
    expect((await as(project, 'GET', `snapshots/${ids[1]}`)).status).to.equal(404);
    expect((await as(project, 'GET', 'snapshots')).json.data).to.have.length(2);
    const folder = join(on.server.folder, 'storage_data', 'snapshots.portkv', project.id);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).to.equal(0o600);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    await send(on.server.address, 'DELETE', `/api/v1/projects/${project.id}`, {
      headers: authorized(on.server.systemKey),
    });
    expect(await readdir(join(folder, '..'))).not.to.include(project.id);
  });

  it('is refused if its file is damaged anywhere, and changes nothing', async () => {
    const project = await on.project();
    for (let i = 0; i < 50; i++) await project.put(`key-${i}`, `${i * 7919}`);
    const { id } = (await as(project, 'POST', 'snapshots')).json.data;
    await project.put('precious', '1');
    const state = contents(await exported(project));
    const file = join(on.server.folder, 'storage_data', 'snapshots.portkv', project.id, `${id}.ndjson.gz`);
    const whole = await readFile(file);
    for (let i = 0; i < 15; i++) {
      const at = Math.floor((i / 15) * whole.length);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << (i % 8));
      for (const damaged of [flipped, whole.subarray(0, at)]) {
        await writeFile(file, damaged);
        const { status, text } = await as(project, 'POST', `snapshots/${id}/restore`);
        expect(status, `at ${at}: ${text}`).to.equal(422);
        const verified = await as(project, 'POST', `snapshots/${id}/verify`);
        expect(verified.status, `verify at ${at}: ${verified.text}`).to.equal(422);
      }
    }
    await writeFile(file, whole);
    expect((await as(project, 'POST', `snapshots/${id}/verify`)).json.data).to.deep.equal({ count: 50 });
    expect(contents(await exported(project))).to.deep.equal(state);
  }).timeout(60_000);

  it('is encrypted if its project is, with the same keys', async () => {
    await writeFile(join(on.server.folder, 'snapshot.keys'), Buffer.alloc(32, 7).toString('base64'));
    const encryption = { key_file: 'snapshot.keys' };
    const project = await on.project({ storage: { engine: on.name, encryption } });
    const headers = { 'kv-meta': '{"a":"canary"}' };
    const keys = Array.from({ length: 2000 }, (_, i) => `key-${i}`);
    while (keys.length > 0) {
      await Promise.all(keys.splice(-50).map((key) => project.put(key, 'canary '.repeat(20), headers)));
    }
    const { id, encrypted } = (await as(project, 'POST', 'snapshots')).json.data;
    expect(encrypted).to.equal(true);
    const file = join(on.server.folder, 'storage_data', 'snapshots.portkv', project.id, `${id}.ndjson.gz`);
    const bytes = await readFile(file);
    expect(() => gunzipSync(bytes)).to.throw();
    const other = await on.project();
    const body = JSON.stringify({ into: other.id });
    const restored = await as(project, 'POST', `snapshots/${id}/restore`, undefined, body);
    expect(restored.status, restored.text).to.equal(200);
    expect(contents(await exported(other))).to.deep.equal(contents(await exported(project)));
    expect(await verifyExport(file, shaDigest)).to.include('encrypted');
    const away = join(on.server.folder, 'away.ndjson.gz');
    await writeFile(away, bytes);
    const problem: unknown = await verifyExport(away, shaDigest).catch((error: unknown) => error);
    expect((problem as Error).message)
      .to.include('encrypted with the key')
      .and.not.include('damaged');
    const keyFile = join(on.server.folder, 'snapshot.keys');
    const old = await readFile(keyFile);
    await writeFile(keyFile, `new:${Buffer.alloc(32, 8).toString('base64')}`);
    const keyless = await as(project, 'POST', `snapshots/${id}/restore`, undefined, body);
    await writeFile(keyFile, old);
    expect(keyless.status, keyless.text).to.equal(503);
    expect(keyless.json.message).to.match(/^Project '.*' needs the encryption key [0-9a-f]{8}, which/);
    expect((await as(project, 'POST', `snapshots/${id}/restore`, undefined, body)).status).to.equal(200);
  }).timeout(120_000);

  it('can be named only by its id', async () => {
    const project = await on.project();
    for (const id of ['..', '../../config', '..%2F..%2Fconfig', '%2e%2e', 'nothing']) {
      expect((await as(project, 'GET', `snapshots/${encodeURIComponent(id)}`)).status).to.equal(404);
      expect((await as(project, 'POST', `snapshots/${encodeURIComponent(id)}/restore`)).status).to.equal(404);
    }
  });

  it('is taken as often as the settings say, and only the newest of these are kept', async () => {
    const project = await on.project({ storage: { engine: on.name, snapshots: { every: '1h', keep: 2 } } });
    await as(project, 'POST', 'snapshots');
    const routine = async () =>
      (await as(project, 'GET', 'snapshots')).json.data.filter(
        ({ reason }: { reason: string }) => reason === 'routine',
      );
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
      expect((await as(project, 'GET', 'snapshots')).json.data).to.have.length(3);
    } finally {
      on.clock.shift = 0;
    }
    const wrong = await configure(project, { storage: { snapshots: { every: 'often' } } });
    expect(wrong.status).to.equal(400);
    expect(wrong.text).to.include('storage.snapshots.every');
    const off = await configure(project, { storage: { snapshots: null, keep_old_for: '1h' } });
    expect(off.status, off.text).to.equal(200);
    const { storage } = (await as(project, 'GET', '')).json.data;
    expect(storage).to.deep.equal({ engine: on.name, on_disk: on.durable, keep_old_for: '1h' });
  }).timeout(40_000);
});

onEveryEngine('Deleting the whole store', (on) => {
  it('happens at one moment, keeps versions rising, and leaves no old files', async () => {
    const project = await on.project();
    for (let i = 0; i < 20; i++) await project.put(`key-${i}`, '1');
    const before = (await project.get('key-1')).headers.etag as string;
    const { since } = (await project.send('GET', 'changes?wait=0')).json.data;
    let stop = false;
    const seen = new Set<number>();
    const reading = (async () => {
      while (!stop) seen.add((await project.send('GET', 'store?count=only')).json.data.count);
    })();
    expect((await project.send('DELETE', 'store')).status).to.equal(200);
    stop = true;
    await reading;
    for (const count of seen) expect(count).to.be.oneOf([0, 20]);
    const { changes } = (await project.send('GET', `changes?wait=0&since=${since}`)).json.data;
    expect(changes.map(({ event }: { event: string }) => event)).to.deep.equal(Array(20).fill('delete'));
    expect((await project.put('key-1', '2')).status).to.equal(201);
    const after = (await project.get('key-1')).headers.etag as string;
    expect(Number.parseInt(after.slice(1, -1), 36)).to.be.above(Number.parseInt(before.slice(1, -1), 36));
    const own = new RegExp(`^${project.id}([._]|$)`);
    for (let i = 0; ; i++) {
      const data = join(on.server.folder, 'storage_data');
      const files = (await readdir(data)).filter((name) => own.test(name));
      if (on.name === 'directory') {
        expect((await readdir(join(data, project.id))).filter((name) => name.endsWith('.json'))).to.have.length(1);
        break;
      }
      if (files.every((name) => name.startsWith(`${project.id}.2`) || name.includes('placement'))) break;
      expect(i, files.join(', ')).to.be.below(60);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

function authorized(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}

/** A call with the system key, or another one. */
function as(
  project: TestProject,
  method: string,
  path: string,
  key = project.server.systemKey,
  body?: string,
): Promise<HttpResponse> {
  const target = `/api/v1/projects/${project.id}${path === '' ? '' : `/${path}`}`;
  const named = path === '' ? project.key : key;
  return send(project.server.address, method, target, {
    headers: authorized(named),
    ...(body === undefined ? {} : { body }),
  });
}

function configure(project: TestProject, settings: object): Promise<HttpResponse> {
  return send(project.server.address, 'PUT', `/api/v1/projects/${project.id}`, {
    headers: authorized(project.server.systemKey),
    body: JSON.stringify(settings),
  });
}
