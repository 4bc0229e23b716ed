import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigFile } from '../../../../src/infrastructure/config/config-file.js';
import { loadConfig } from '../../../../src/infrastructure/config/load-config.js';
import { configured, failure, hasher, mistakes, scratch } from './config-fixture.js';

const HASH = `pbkdf2_sha256$200000$${'s'.repeat(22)}$${'h'.repeat(43)}`;

async function refused(content: string | object) {
  await using folder = await scratch();
  return await failure('invalid', configured(folder.path, content));
}

const known = 'directory, etcd, json-file, lmdb, memory, postgres, redis';

describe('loadConfig', () => {
  it('finds the projects in a folder that Simple-PyKV wrote, every member of it known', async () => {
    const file = new ConfigFile(join(process.cwd(), 'test/compat/simple-pykv-data/config.json'));
    const loaded = await loadConfig(file, hasher);
    expect(loaded?.settings.projects.map((project) => project.id)).to.deep.equal([
      'first_project',
      'notes',
      'saved',
      'scratch',
      'quiet',
    ]);
    expect(loaded?.dataFolder).to.equal(join(process.cwd(), 'test/compat/simple-pykv-data/storage_data'));
  });

  it('accepts the example, which requires keys everywhere', async () => {
    await using folder = await scratch();
    const { credentials } = await configured(folder.path, await readFile('config.json.example', 'utf8'));
    expect(credentials.required(undefined)).to.equal(true);
    expect(credentials.primaryOf(undefined)).to.equal(undefined);
  });

  it('fills in every default', async () => {
    await using folder = await scratch();
    const { settings, dataFolder, projects } = await configured(folder.path, { projects: [{ id: 'a' }] });
    expect(settings).to.deep.include({ version: 1, server_port: 23849, server_host: '127.0.0.1' });
    expect(settings.system.logging).to.deep.equal({ level: 'info', format: 'auto' });
    expect(dataFolder).to.equal(join(folder.path, 'storage_data'));
    expect(projects.get('a')).to.deep.equal({
      id: 'a',
      storage: { engine: 'json-file', on_disk: true },
      authentication: { enabled: true, save_api_key_to_config: false },
      security: { keys_and_values_discoverable: true },
    });
  });

  it('maps on_disk to an engine, and prefers engine to on_disk', async () => {
    await using folder = await scratch();
    const storages = [{ on_disk: true }, { on_disk: false }, { engine: 'lmdb', on_disk: false }, { engine: 'memory' }];
    const config = { projects: storages.map((storage, i) => ({ id: `p${i}`, storage })) };
    const { projects } = await configured(folder.path, config);
    expect(projects.list().map((project) => project.storage)).to.deep.equal([
      { engine: 'json-file', on_disk: true },
      { engine: 'memory', on_disk: false },
      { engine: 'lmdb', on_disk: true },
      { engine: 'memory', on_disk: false },
    ]);
  });

  it('names every mistake at once, with its path and value', async () => {
    const key_pattern = '(?=ahead)';
    const error = await refused({
      version: 2,
      server_port: '80',
      system: { storage: [], logging: { level: 'loud' }, min_free_bytes: -1 },
      projects: [
        { id: 'a', limits: { key_pattern, max_keys: 1.5, content_types: ['text'] }, cors: { origins: ['x.org/'] } },
        { id: '../a' },
        { id: 'b', storage: { engine: 'lmbd' } },
        { id: 'a', storage: { engine: 'lmdb', options: { check_timeout: 0 } } },
        null,
        [],
        {},
        { id: 'c', storage: { engine: 'toString' } },
        { id: 'd', security: { keys_and_values_discoverable: 'no' } },
      ],
    });
    expect(mistakes(error)).to.have.members([
      'version: 2 must be one of: 1',
      'server_port: "80" must be a whole number from 0 to 65535',
      'system.storage: [] must be an object',
      'system.logging.level: "loud" must be one of: error, warn, info, debug, trace',
      'system.min_free_bytes: -1 must be a whole number from 0 to 9007199254740991',
      'projects[0].limits.key_pattern: "(?=ahead)" must be a regular expression in RE2 syntax: ' +
        'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
      'projects[0].limits.max_keys: 1.5 must be a whole number from 0 to 9007199254740991',
      'projects[0].limits.content_types: ["text"] must be a list of content types ' +
        'such as "application/json" or "text/*"',
      'projects[0].cors.origins: ["x.org/"] must be a list of origins such as "https://example.org" or ' +
        '"capacitor://localhost" (lower case, no path), "null" or "*"',
      'projects[1].id: "../a" must have 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-"',
      `projects[2].storage.engine: "lmbd" is no engine; known: ${known}`,
      'projects[3].id: "a" stands at projects[0].id already',
      'projects[3].storage.options.check_timeout: 0 must not be less than 1',
      'projects[4]: null must be an object',
      'projects[5]: [] must be an object',
      'projects[6].id: is missing',
      `projects[7].storage.engine: "toString" is no engine; known: ${known}`,
      'projects[8].security.keys_and_values_discoverable: "no" must be true or false',
    ]);
    expect(error.message).to.include('config.json: 18 mistakes: ');
  });

  it('refuses sections of the wrong kind', async () => {
    for (const projects of [{ id: 'a' }, 'a', null]) {
      expect(mistakes(await refused({ projects }))).to.deep.equal([
        `projects: ${JSON.stringify(projects)} must be a list`,
      ]);
    }
    expect(mistakes(await refused({ system: null }))).to.deep.equal(['system: null must be an object']);
    expect((await refused('[]')).message).to.match(/config\.json: \[\] must be an object$/);
  });

  it('refuses secrets that cannot work, without showing them', async () => {
    const { secret, keyId } = await hasher.newKey();
    const api_key = `${secret.slice(0, -1)}!`;
    const error = await refused({
      system: { authentication: { api_key } },
      projects: [
        { id: 'a', authentication: { api_key: 'two words', api_key_hash: 'md5$hidden', api_key_id: keyId } },
        { id: 'b', authentication: { api_key_id: keyId } },
        { id: 'c', authentication: 'hidden' },
      ],
    });
    expect(mistakes(error)).to.have.length(5);
    expect(mistakes(error)[3]).to.match(/^system\.authentication\.api_key: begins with pkv_ but is no generated key/);
    expect(mistakes(error)[4]).to.match(/^projects\[1\]\.authentication\.api_key_id: stands at projects\[0\]/);
    for (const hidden of [api_key, 'two words', 'hidden']) expect(error.message).not.to.include(hidden);
  });

  it('takes ids that differ only in case for one', async () => {
    await using folder = await scratch();
    const projects = [{ id: 'Team' }, { id: 'other' }, { id: 'team' }, { id: 'TEAM' }];
    expect(mistakes(await failure('invalid', configured(folder.path, { projects })))).to.deep.equal([
      'projects[2].id: "team" differs only in case from projects[0].id, and such ids are one id',
      'projects[3].id: "TEAM" differs only in case from projects[0].id, and such ids are one id',
    ]);
  });

  it('names every unknown member with its path and the one that was probably meant', async () => {
    const config = `{"__proto__": 1, "constructor": {}, "7": 2, "server_prot": 80, "Server_Host": "::1",
      "system": {"colour": "red", "authentification": {}, "authentication": {"enable": true},
        "logging": {"levle": "warn"}, "storage": {"path": "x"}, "security": {"project_discoverble": true},
        "limits": {"max-keys": 1}, "audit": {"data_write": true}, "rate_limits": {"per_key":
        {"requests": 1, "seconds": 1, "second": 1}}, "debugging": {"verbose": true}, "cors": {"origin": []}},
      "projects": [{"id": "a", "note": [[]], "strage": {}, "storage": {"engine": "lmdb", "encyption": {},
        "options": {"chek_timeout": 1}, "snapshots": {"every": "1h", "kep": 1}}, "api_keys": [
        {"id": "abcdefgh", "name": "n", "scopes": [], "created_at": 1, "hash": "${HASH}", "prefx": "a"}]}]}`;
    const found = mistakes(await refused(config));
    expect(found).to.have.members([
      '__proto__: is not known',
      'constructor: is not known',
      '["7"]: is not known',
      'server_prot: is not known; did you mean "server_port"?',
      'Server_Host: is not known; did you mean "server_host"?',
      'system.colour: is not known',
      'system.authentification: is not known; did you mean "authentication"?',
      'system.authentication.enable: is not known; did you mean "enabled"?',
      'system.logging.levle: is not known; did you mean "level"?',
      'system.storage.path: is not known',
      'system.security.project_discoverble: is not known; did you mean "project_discoverable"?',
      'system.limits.max-keys: is not known; did you mean "max_keys"?',
      'system.audit.data_write: is not known; did you mean "data_writes"?',
      'system.rate_limits.per_key.second: is not known; did you mean "seconds"?',
      'system.debugging.verbose: is not known',
      'system.cors.origin: is not known; did you mean "origins"?',
      'projects[0].note: is not known',
      'projects[0].strage: is not known; did you mean "storage"?',
      'projects[0].storage.encyption: is not known; did you mean "encryption"?',
      'projects[0].storage.options.chek_timeout: is not known; did you mean "check_timeout"?',
      'projects[0].storage.snapshots.kep: is not known; did you mean "keep"?',
      'projects[0].api_keys[0].prefx: is not known; did you mean "prefix"?',
    ]);
  });

  it('accepts members that begin with x- everywhere, and keeps them when it changes the file', async () => {
    await using folder = await scratch();
    const config = {
      'x-owner': 'me',
      system: { 'x-why': 1, authentication: { 'x-key': 2 } },
      projects: [{ id: 'a', 'x-note': [[]], storage: { engine: 'lmdb', options: { 'x-page': 1 } } }],
    };
    const { projects, text } = await configured(folder.path, config);
    await projects.update('a', { limits: { max_keys: 5 }, storage: { options: { check_timeout: 9 } } });
    await projects.create('b', {}, undefined);
    const { projects: after, ...rest } = JSON.parse(await text());
    expect(rest).to.deep.equal({ 'x-owner': 'me', system: config.system });
    expect(after[0]).to.deep.include({ 'x-note': [[]], limits: { max_keys: 5 } });
    expect(after[0].storage).to.deep.equal({ engine: 'lmdb', options: { 'x-page': 1, check_timeout: 9 } });
  });

  it('names line and column of a syntax error', async () => {
    expect((await refused('{\n  "version": 1,\n  "projects": [,]\n}')).message).to.match(
      /line 3, column 16: value expected$/,
    );
    expect((await refused('{"version": 1,\n "version": 1}')).message).to.match(
      /line 2, column 2: .*"version" stands twice$/,
    );
    expect((await refused('{\n /* a comment\n}')).message).to.match(/line 2, column 2: unexpected end of comment$/);
    expect((await refused('')).message).to.match(/not valid JSON: line 1, column 1/);
    expect((await refused('['.repeat(100_000))).message).to.match(/not valid JSON: /);
  });

  it('reads a file that begins with a byte order mark', async () => {
    await using folder = await scratch();
    const { projects, text } = await configured(folder.path, '\uFEFF{"projects": []}');
    await projects.create('a', {}, undefined);
    expect((await text()).startsWith('\uFEFF{"projects": [{')).to.equal(true);
  });

  it('returns undefined if there is no file, and rejects for one that cannot be read', async () => {
    await using folder = await scratch();
    expect(await loadConfig(new ConfigFile(join(folder.path, 'none.json')), hasher)).to.equal(undefined);
    await failure('invalid', loadConfig(new ConfigFile(folder.path), hasher));
  });
});
