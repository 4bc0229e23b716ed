import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';

const CANARY = 'canary-7f3a91';
const encryption = { key_file: 'secret.keys' };
const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}\n`;

describe('Encryption at rest', () => {
  let server: TestServer;
  let oldKey: string;
  const keyFile = () => join(server.folder, 'secret.keys');

  beforeEach(async () => {
    server = await TestServer.start();
    oldKey = newKey('old');
    await writeFile(keyFile(), oldKey);
  });
  afterEach(() => server.stop());

  /** Stores the canary in many values, as JSON, as bytes, and in a large value. */
  async function fill(project: string, key: string): Promise<void> {
    for (let i = 0; i < 30; i++) await put(project, key, `k${i}`, `"${CANARY}-${i}"`);
    await put(project, key, 'json', JSON.stringify({ deep: [CANARY] }));
    await put(project, key, 'bytes', Buffer.concat([Buffer.of(0xff, 0), Buffer.from(CANARY)]));
    await put(project, key, 'large', CANARY.repeat(20_000));
  }

  async function put(project: string, key: string, name: string, body: string | Uint8Array): Promise<void> {
    const { status, text } = await server.call('PUT', `${project}/values/${name}`, {
      key,
      body,
      headers: { 'kv-meta': `{"of":"${CANARY}"}` },
    });
    expect(status, text).to.be.oneOf([201, 204]);
  }

  async function value(project: string, key: string, name = 'k7'): Promise<string> {
    return (await server.call('GET', `${project}/values/${name}`, { key })).text;
  }

  async function stateAfterMove(location: string | null): Promise<string> {
    for (;;) {
      const { json } = await server.call('GET', location ?? '', { key: server.systemKey });
      if (json.data.state !== 'copying') return json.data.state;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async function set(project: string, storage: object): Promise<string> {
    const body = JSON.stringify({ storage });
    const { status, headers, text } = await server.call('PUT', project, { key: server.systemKey, body });
    expect(status, text).to.equal(202);
    return stateAfterMove(headers.get('location'));
  }

  async function placement(project: string): Promise<{ keys?: { id: string }[]; kept: { until: number }[] }> {
    return JSON.parse(await readFile(join(server.folder, 'storage_data', `${project}.placement.json`), 'utf8'));
  }

  for (const engine of localEngineNames) {
    it(`leaves no value readable on the disk, in use or reopened: ${engine}`, async () => {
      const key = await server.project('p', { storage: { engine, encryption } });
      await fill('p', key);
      expect(await found(server.folder)).to.deep.equal([]);
      const taken = await server.call('POST', 'p/snapshots', { key });
      expect(taken.status, taken.text).to.equal(201);
      expect(await found(server.folder)).to.deep.equal([]);
      const restored = await server.call('POST', `p/snapshots/${taken.json.data.id}/restore`, { key, body: '{}' });
      expect(restored.status, restored.text).to.equal(200);
      expect(await found(server.folder)).to.deep.equal([]);
      for (const mode of ['merge', 'replace']) {
        const { text: body } = await server.call('GET', 'p/export', { key });
        expect((await server.call('POST', `p/import?mode=${mode}`, { key, body })).status).to.equal(200);
        expect(await found(server.folder)).to.deep.equal([]);
      }
      expect(await set('p', { engine: engine === 'lmdb' ? 'json-file' : 'lmdb', encryption })).to.equal('done');
      expect(await found(server.folder)).to.deep.equal([]);
      expect(await set('p', { engine, encryption })).to.equal('done');
      await server.restart();
      expect(await found(server.folder)).to.deep.equal([]);
      if (engine === 'memory') return;
      expect(await value('p', key)).to.equal(`"${CANARY}-7"`);
      const described = await server.call('HEAD', 'p/values/k7', { key });
      expect(described.headers.get('kv-meta')).to.equal(`{"of":"${CANARY}"}`);
      const list = await server.call('GET', 'p/store?prefix=k1&limit=2', { key });
      expect(Object.keys(list.json.data.items)).to.deep.equal(['k1', 'k10']);
    });
  }

  it('is what hides the canary: without it, files and snapshots contain it', async () => {
    const key = await server.project('p');
    await fill('p', key);
    await server.call('POST', 'p/snapshots', { key });
    const names = (await found(server.folder)).join('\n');
    expect(names).to.include('p_store').and.to.include('.ndjson.gz');
  });

  it('leads to 503 with the id of the key while that key is missing or wrong, and destroys nothing', async () => {
    const key = await server.project('p', { storage: { encryption } });
    await put('p', key, 'k7', 'seven');
    for (const wrong of ['', newKey('old'), newKey('other'), 'nonsense']) {
      await writeFile(keyFile(), wrong);
      await server.restart();
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const { status, text } = await server.call(method, 'p/values/k7', {
          key,
          ...(method === 'PUT' && { body: 'x' }),
        });
        expect(status).to.equal(503);
        expect(text).to.include('encryption key old');
      }
      for (const path of ['p/store', 'p/store?limit=5', 'p/export']) {
        expect((await server.call('GET', path, { key })).status, path).to.equal(503);
      }
    }
    await writeFile(keyFile(), oldKey);
    await server.restart();
    expect(await value('p', key)).to.equal('seven');
  });

  it('is refused if its keys cannot be read', async () => {
    await server.project('p');
    for (const unreadable of [{ key_file: 'nowhere' }, { key_file: '/dev/zero' }, { key_env: 'NOWHERE' }]) {
      const settings = { storage: { encryption: unreadable } };
      for (const [method, path, body] of [
        ['POST', '/api/v1/projects', { id: 'q', ...settings }],
        ['PUT', 'p', settings],
      ] as const) {
        const { status, json } = await server.call(method, path, { key: server.systemKey, body: JSON.stringify(body) });
        expect(status, method).to.equal(400);
        expect(json.error).to.deep.equal({ code: 'invalid', path: 'storage.encryption' });
      }
    }
  });

  it('uses the first key to encrypt and all to decrypt, and only the first after a rotation', async () => {
    const key = await server.project('p', { storage: { engine: 'lmdb', encryption } });
    await put('p', key, 'a', 'by the old key');
    const current = newKey('new');
    await writeFile(keyFile(), current + oldKey);
    await server.restart();
    await put('p', key, 'b', 'by the new key');
    expect(await value('p', key, 'a')).to.equal('by the old key');
    expect((await placement('p')).keys?.map(({ id }) => id)).to.deep.equal(['old', 'new']);
    const rotation = await server.call('POST', 'p/encryption/rotate', { key: server.systemKey });
    expect(rotation.status, rotation.text).to.equal(202);
    expect(await stateAfterMove(rotation.headers.get('location'))).to.equal('done');
    expect((await placement('p')).keys?.map(({ id }) => id)).to.deep.equal(['new']);
    await writeFile(keyFile(), current);
    await server.restart();
    expect(await value('p', key, 'a')).to.equal('by the old key');
    expect(await value('p', key, 'b')).to.equal('by the new key');
    expect((await server.call('POST', 'p/encryption/rotate', { key })).status).to.equal(403);
  });

  it('is turned on and off, and its key file changed, while the project is in use', async () => {
    const key = await server.project('p');
    await put('p', key, 'k7', CANARY);
    const plain = await server.call('POST', 'p/encryption/rotate', { key: server.systemKey });
    expect(plain.status).to.equal(409);
    const etag = (await server.call('GET', 'p/values/k7', { key })).headers.get('etag');
    expect(await set('p', { engine: 'lmdb' })).to.equal('done');
    expect(await set('p', { engine: 'json-file' })).to.equal('done');
    expect(await set('p', { encryption })).to.equal('done');
    const { kept } = await placement('p');
    expect(kept, 'the unencrypted data of each engine').to.have.length(3);
    for (const { until } of kept) expect(until, 'a minute at most').to.be.at.most(Date.now() + 60_000);
    await rename(keyFile(), join(server.folder, 'elsewhere'));
    expect(await set('p', { encryption: { key_file: 'elsewhere' } })).to.equal('done');
    await server.restart();
    expect(await value('p', key)).to.equal(CANARY);
    expect(await set('p', { encryption: null })).to.equal('done');
    await server.restart();
    expect((await server.call('GET', 'p/values/k7', { key })).headers.get('etag')).to.equal(etag);
    const { json } = await server.call('GET', 'p', { key });
    expect(json.data.storage).to.deep.equal({ engine: 'json-file', on_disk: true });
  });

  it('that is turned on in the configuration is applied before the project is served', async () => {
    const key = await server.project('p');
    await put('p', key, 'k7', 'seven');
    const config = join(server.folder, 'config.json');
    const edit = async (storage: object) => {
      const settings = JSON.parse(await readFile(config, 'utf8'));
      settings.projects.find(({ id }: { id: string }) => id === 'p').storage = storage;
      await writeFile(config, JSON.stringify(settings));
      await server.restart();
    };
    await edit({ engine: 'json-file', encryption: { key_file: 'nowhere' } });
    expect((await server.call('GET', 'p/values/k7', { key })).text).to.include('nowhere');
    await edit({ engine: 'json-file', encryption });
    expect(await value('p', key)).to.equal('seven');
    await rename(keyFile(), join(server.folder, 'elsewhere'));
    await edit({ engine: 'json-file', encryption: { key_file: 'elsewhere' } });
    expect(await value('p', key)).to.equal('seven');
  });

  for (const engine of localEngineNames.filter((name) => name !== 'memory')) {
    it(`is recognised by its key if the placement is lost: ${engine}`, async () => {
      const key = await server.project('p', { storage: { engine, encryption } });
      await put('p', key, 'k7', 'seven');
      await server.restart(() => rm(join(server.folder, 'storage_data', 'p.placement.json')));
      expect(await value('p', key)).to.equal('seven');
      expect((await placement('p')).keys?.map(({ id }) => id)).to.deep.equal(['old']);
    });
  }

  it('needs exactly one source of keys', async () => {
    for (const wrong of [{}, { key_file: 'a', key_env: 'B' }, { key_file: '' }, { key_file: 1 }, [], 'x']) {
      const body = JSON.stringify({ id: 'q', storage: { encryption: wrong } });
      const { status, text } = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
      expect(status, text).to.equal(400);
      expect(text).to.include('storage.encryption');
    }
  });
});

/** The files under a folder that contain the canary, plain or as base64. */
async function found(folder: string): Promise<string[]> {
  const forms = [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + CANARY)
      .toString('base64')
      .slice(4, -4),
  );
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    // A folder was removed in between: look again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (files === undefined) return found(folder);
  const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const holds = await Promise.all(
    names.map(async (name) => {
      // A temporary file may be gone by now.
      const file = await readFile(name).catch(() => Buffer.alloc(0));
      const content = file.subarray(0, 2).toString('hex') === '1f8b' ? gunzipSync(file) : file;
      return content.includes(CANARY) || forms.some((form) => content.includes(form));
    }),
  );
  return names.filter((_, i) => holds[i]);
}
