import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
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

  it('stays with its engine and options where none are named', async () => {
    {
      await using store = await open({ path, engine: 'lmdb', options: { commit_timeout: 20 } });
      await store.put('a', 1);
    }
    expect(await valueIn({})).to.equal(1);
    expect(await placement()).to.deep.include({ engine: 'lmdb', options: { commit_timeout: 20 }, generation: 1 });
    expect(await valueIn({ engine: 'json-file' })).to.equal(1);
    expect(await placement()).to.include({ engine: 'json-file', generation: 2 });
  });

  it('stays encrypted where nothing is said of that, needs its key, and is decrypted only on request', async () => {
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
