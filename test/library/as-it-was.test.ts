import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startServer } from '../../src/composition/start-server.js';
import { type OpenOptions, open, PortkvError } from '../../src/library.js';

describe('A store that the library opens again', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  async function valueIn(options: Omit<OpenOptions, 'path'>): Promise<unknown> {
    await using store = await open({ path, ...options });
    return (await store.get('a'))?.value;
  }

  const placement = async () => JSON.parse(await readFile(join(path, 'default.placement.json'), 'utf8'));

  it('keeps its engine and options if none are given', async () => {
    {
      await using store = await open({ path, engine: 'lmdb', options: { commit_timeout: 20 } });
      await store.put('a', 1);
    }
    expect(await valueIn({})).to.equal(1);
    expect(await placement()).to.deep.include({ engine: 'lmdb', options: { commit_timeout: 20 }, generation: 1 });
    expect(await valueIn({ engine: 'json-file' })).to.equal(1);
    expect(await placement()).to.include({ engine: 'json-file', generation: 2 });
  });

  it('is neither created nor moved if it is opened to be read only', async () => {
    const refused = async (options: Omit<OpenOptions, 'path'>, at = path) => {
      const error: unknown = await open({ path: at, readOnly: true, ...options }).catch((reason: unknown) => reason);
      expect(error instanceof PortkvError && error.code).to.equal('unavailable');
      return (error as Error).message;
    };
    expect(await refused({}, join(path, 'nowhere'))).to.include('has no store');
    expect(await refused({ engine: 'memory' })).to.include('has no store');
    expect(await readdir(path)).to.deep.equal([]);
    {
      await using store = await open({ path, engine: 'lmdb' });
      await store.put('a', 1);
    }
    const before = [await readdir(path), await placement()];
    expect(await refused({ engine: 'json-file' })).to.include('"lmdb"');
    expect(await refused({ options: { commit_timeout: 20 } })).to.include('commit_timeout');
    expect(await refused({ project: 'other' })).to.include("'other'");
    expect([await readdir(path), await placement()]).to.deep.equal(before);
    expect(await valueIn({ readOnly: true })).to.equal(1);
    expect(await valueIn({ readOnly: true, engine: 'lmdb' })).to.equal(1);
    expect([await readdir(path), await placement()]).to.deep.equal(before);
  });

  it('returns a value that is no JSON as bytes, whatever its content type', async () => {
    const config = join(path, 'config.json');
    const server = await startServer({ config, init: true, data: path, port: 0, logLevel: 'error' }, 'test');
    const value = `${server.address}/api/v1/projects/first_project/values/`;
    const headers = { authorization: `Bearer ${server.firstKeys?.project}`, 'content-type': 'application/json' };
    const put = async (key: string, body: string | Buffer) => {
      expect((await fetch(value + key, { method: 'PUT', headers, body: body as string })).status).to.equal(201);
    };
    const settings = { method: 'PUT', headers, body: '{"limits":{"strict_json":false}}' };
    expect((await fetch(`${server.address}/api/v1/projects/first_project`, settings)).status).to.equal(200);
    const broken = { a: Buffer.from('{"n": '), b: Buffer.from([0x22, 0xff, 0x22]) };
    const stored = await Promise.all(Object.entries(broken).map(([key, bytes]) => put(key, bytes))).catch(
      () => undefined,
    );
    await put('c', '{"n":1}');
    await server.stop();
    expect(stored, 'the server accepts them').not.to.equal(undefined);
    await using store = await open({ path, project: 'first_project' });
    const keys = [];
    for await (const key of store.keys()) keys.push(key);
    expect(keys).to.deep.equal(['a', 'b', 'c']);
    const values = [];
    for await (const entry of store.list()) values.push(entry.value);
    expect(values).to.deep.equal([new Uint8Array(broken.a), new Uint8Array(broken.b), { n: 1 }]);
    expect((await store.get('a'))?.value).to.deep.equal(new Uint8Array(broken.a));
  });

  it('stays encrypted if nothing else is given, needs its key, and is decrypted only on request', async () => {
    const encryption = { key_file: join(path, 'key') };
    await writeFile(encryption.key_file, `one:${randomBytes(32).toString('base64')}`);
    {
      await using store = await open({ path, encryption });
      await store.put('a', 1);
    }
    expect(await valueIn({})).to.equal(1);
    expect((await placement()).encryption).to.deep.equal(encryption);
    const key = await readFile(encryption.key_file);
    await rm(encryption.key_file);
    const error: unknown = await valueIn({}).catch((reason: unknown) => reason);
    expect(error instanceof PortkvError && error.code).to.equal('unavailable');
    expect((error as Error).message).to.include('needs the encryption key one');
    await writeFile(encryption.key_file, key);
    expect(await valueIn({ encryption: null })).to.equal(1);
    expect(await placement()).not.to.have.property('encryption');
  });
});
