import { chmod, lstat, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { configured, failure, hasher, mistakes, scratch, unwritable } from './config-fixture.js';

const BY_HAND = `{
    "projects": [
        { "id": "a",   "x-note": 1.0, "storage": { "on_disk": true } },
        {
            "security": { "keys_and_values_discoverable": true },
            "id": "b",
            "limits": { "max_keys": 5, "x-big": 123456789012345678901234567890 }
        }
    ],
    "x-mine": [1,   2],
    "server_port": 0
}
`;

describe('ConfiguredProjects', () => {
  it('writes a new project and its key, and reads them again after a restart', async () => {
    await using folder = await scratch();
    const { projects, text, path } = await configured(folder.path, BY_HAND);
    const key = await hasher.newKey();
    const settings = { id: 'c', storage: { engine: 'lmdb', options: { check_timeout: 512 } }, limits: { max_keys: 1 } };
    const made = await projects.create('c', settings, key);
    expect(made.storage).to.deep.equal({ engine: 'lmdb', on_disk: true, options: { check_timeout: 512 } });
    const again = await configured(folder.path, await text());
    expect(again.projects.list()).to.deep.equal(projects.list());
    expect(again.projects.get('c')).to.deep.equal(made);
    expect(again.credentials.primaryOf('c')).to.deep.include({ hash: key.hash, keyId: key.keyId, project: 'c' });
    expect(again.credentials.byKeyId(key.keyId)).to.equal(again.credentials.primaryOf('c'));
    expect(await text()).not.to.include(key.secret);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(await readdir(folder.path)).to.deep.equal(['config.json']);
  });

  it('stores the plain key beside the hash only if the settings ask for it', async () => {
    await using folder = await scratch();
    const { projects, credentials, text } = await configured(folder.path, '{}');
    const [first, second] = [await hasher.newKey(), await hasher.newKey()];
    await projects.create('a', { authentication: { save_api_key_to_config: true } }, first);
    expect(await text()).to.include(first.secret);
    await credentials.replacePrimary('a', second);
    expect(await text())
      .to.include(second.secret)
      .and.not.include(first.secret);
  });

  it('touches nothing in the file but the members that change', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, BY_HAND);
    await projects.update('b', { limits: { max_keys: 6, max_value_bytes: 10 }, security: {} });
    let expected = BY_HAND.replace(
      '"max_keys": 5, "x-big": 123456789012345678901234567890',
      '"max_keys": 6, "x-big": 123456789012345678901234567890, "max_value_bytes": 10',
    );
    expect(await text()).to.equal(expected);
    await projects.update('a', { storage: { on_disk: false } });
    expected = expected.replace('{ "on_disk": true }', '{ "on_disk": false, "engine": "memory" }');
    expect(await text()).to.equal(expected);
    expect(projects.get('a')?.storage).to.deep.equal({ engine: 'memory', on_disk: false });
    expect((await configured(folder.path, await text())).projects.get('a')?.storage.engine).to.equal('memory');
    await projects.remove('b');
    expect(await text()).to.equal(expected.replace(/,\s+\{\s+"security".*?\}\s+\}/s, ''));
  });

  it('keeps edits made by hand meanwhile, which take effect at the next start', async () => {
    await using folder = await scratch();
    const { projects, text, path } = await configured(folder.path, BY_HAND);
    await writeFile(path, BY_HAND.replace('"max_keys": 5', '"max_keys": 7').replace('"id": "a"', '"id": "hand"'));
    await projects.update('b', { limits: { max_value_bytes: 9 } });
    expect(projects.get('b')?.limits).to.deep.equal({ max_keys: 5, max_value_bytes: 9 });
    expect(JSON.parse(await text()).projects[1].limits).to.deep.include({ max_keys: 7, max_value_bytes: 9 });
    expect((await failure('conflict', projects.create('hand', {}, undefined))).message).to.equal(
      "Project with ID 'hand' already exists in configuration.",
    );
    await failure('unavailable', projects.update('a', { limits: { max_keys: 1 } }));
    expect(projects.get('a')?.limits).to.equal(undefined);
    await projects.remove('a');
    expect(projects.get('a')).to.equal(undefined);
    expect(JSON.parse(await text()).projects).to.have.length(2);
  });

  it('changes nothing if the file is no longer valid', async () => {
    await using folder = await scratch();
    const { projects, text, path } = await configured(folder.path, BY_HAND);
    for (const broken of ['{"projects": [', '', '{"projects": 5}', '{"a": 1, "a": 2}', '"text"']) {
      await writeFile(path, broken);
      const error = await failure('unavailable', projects.create('c', {}, undefined));
      expect(error.message).to.include(path);
      expect(await text()).to.equal(broken);
      expect(projects.get('c')).to.equal(undefined);
    }
    await rm(path);
    await failure('unavailable', projects.create('c', {}, undefined));
  });

  it('changes nothing if the file cannot be written', async () => {
    await using folder = await scratch();
    const { projects, credentials, text } = await unwritable(folder.path, BY_HAND);
    const key = await hasher.newKey();
    await failure('insufficient_storage', projects.create('c', {}, key));
    await failure('insufficient_storage', projects.update('a', { limits: { max_keys: 1 } }));
    await failure('insufficient_storage', projects.remove('a'));
    await failure('insufficient_storage', credentials.replacePrimary('a', key));
    expect(projects.list().map(({ id, limits }) => [id, limits?.max_keys])).to.deep.equal([
      ['a', undefined],
      ['b', 5],
    ]);
    expect(credentials.primaryOf('a')).to.equal(undefined);
    expect(await text()).to.equal(BY_HAND);
  });

  it('creates a project once for 20 concurrent requests, and all of 20 projects with different ids', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, '{}');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => projects.create('a', {}, undefined)));
    expect(results.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    await Promise.all(Array.from({ length: 20 }, (_, i) => projects.create(`p${i}`, {}, undefined)));
    expect(JSON.parse(await text()).projects).to.have.length(21);
  });

  it('loses neither of two concurrent changes of one project', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, BY_HAND);
    await Promise.all([
      projects.update('a', { limits: { max_keys: 1 } }),
      projects.update('a', { limits: { max_value_bytes: 2 } }),
    ]);
    const limits = { max_keys: 1, max_value_bytes: 2 };
    expect(projects.get('a')?.limits).to.deep.equal(limits);
    expect(JSON.parse(await text()).projects[0].limits).to.deep.equal(limits);
  });

  it('names every mistake and unknown member of settings that clients send', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, BY_HAND);
    const settings =
      JSON.parse(`{"__proto__": 1, "constructor": {}, "storage": {"engine": "lmdb", "options": {"page": 1}},
      "security": {"hidden": true}, "authentication": {"api_key": "mine", "api_key_hash": null}}`);
    const error = await failure('invalid', projects.check('c', settings));
    expect(mistakes(error)).to.have.members([
      'authentication.api_key: must not be given, keys are generated',
      '__proto__: is not known',
      'constructor: is not known',
      'security.hidden: is not known',
      'storage.options.page: is not known',
    ]);
    const more = await failure(
      'invalid',
      projects.update('b', { limits: { max_keys: 'many' }, storage: null, nope: 1 }),
    );
    expect(mistakes(more)).to.deep.equal([
      'limits.max_keys: "many" must be a whole number from 0 to 9007199254740991',
      'storage: null must be an object',
      'nope: is not known',
    ]);
    for (const none of [null, [], 'text', 5]) {
      await failure('invalid', projects.create('c', none, undefined));
      await failure('invalid', projects.update('b', none));
    }
    for (const id of ['../x', 'a b', '', 'x'.repeat(65)]) await failure('invalid', projects.create(id, {}, undefined));
    await failure('invalid', projects.update('b', { id: 'c' }));
    await failure('invalid', projects.update('b', { authentication: { enabled: false } }));
    await failure('not_found', projects.update('nobody', {}));
    await failure('not_found', projects.remove('nobody'));
    expect(await text()).to.equal(BY_HAND);
  });

  it('removes members that are set to null', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, BY_HAND);
    const value_schema = { type: 'object', properties: { constructor: { type: 'null' } } };
    const cors = { origins: ['https://example.org'] };
    await projects.update('b', { limits: { max_keys: null, value_schema, max_total_bytes: null }, cors });
    expect(projects.get('b')).to.deep.include({ limits: { value_schema }, cors });
    await projects.update('b', { limits: { value_schema: { type: 'string' } }, cors: null });
    expect(projects.get('b')?.limits).to.deep.equal({ value_schema: { type: 'string' } });
    expect(projects.get('b')).not.to.have.property('cors');
    const stored = JSON.parse(await text()).projects[1];
    expect(stored.limits.value_schema).to.deep.equal({ type: 'string' });
    expect(stored).not.to.have.property('cors');
    await projects.update('b', { limits: null, dialects: ['unstorage', 'upstash'] });
    expect(JSON.parse(await text()).projects[1]).not.to.have.property('limits');
    expect(projects.get('b')).to.deep.include({ dialects: ['unstorage', 'upstash'] });
    expect(JSON.parse(await text()).projects[1].dialects).to.deep.equal(['unstorage', 'upstash']);
    for (const none of [[], null]) {
      await projects.update('b', { dialects: ['cloudflare'] });
      await projects.update('b', { dialects: none });
      expect(projects.get('b')).not.to.have.property('dialects');
      expect(JSON.parse(await text()).projects[1].dialects ?? []).to.deep.equal([]);
    }
  });

  it('drops the options with a change of engine, and keeps the engine if on_disk was true already', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, '{}');
    const storage = { engine: 'lmdb', options: { check_timeout: 512 } };
    await projects.create('a', { storage }, undefined);
    const engine = async (change: object) => (await projects.update('a', { storage: change })).storage;
    expect(await engine({ on_disk: true })).to.deep.equal({ ...storage, on_disk: true });
    expect(await engine({ engine: 'lmdb' })).to.deep.equal({ ...storage, on_disk: true });
    expect(await engine({ engine: 'json-file' })).to.deep.equal({ engine: 'json-file', on_disk: true });
    expect(await engine(storage)).to.deep.equal({ ...storage, on_disk: true });
    expect(await engine({ on_disk: false })).to.deep.equal({ engine: 'memory', on_disk: false });
    expect(await engine({ on_disk: true })).to.deep.equal({ engine: 'json-file', on_disk: true });
    await failure(
      'invalid',
      projects.update('a', { storage: { engine: 'json-file', options: { check_timeout: 512 } } }),
    );
    await failure('invalid', projects.update('a', { storage: { on_disk: 'yes' } }));
    expect(JSON.parse(await text()).projects[0].storage).to.deep.equal({ engine: 'json-file' });
  });

  it('writes through a symbolic link to its target', async () => {
    await using folder = await scratch();
    const { projects, file, text } = await configured(folder.path, '{}');
    await rename(file.path, join(folder.path, 'real.json'));
    await symlink('real.json', file.path);
    await chmod(join(folder.path, 'real.json'), 0o644);
    await projects.create('a', {}, undefined);
    expect((await lstat(file.path)).isSymbolicLink()).to.equal(true);
    expect(await readFile(join(folder.path, 'real.json'), 'utf8')).to.equal(await text());
    expect((await stat(file.path)).mode & 0o777).to.equal(0o600);
  });
});
