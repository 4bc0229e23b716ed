import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { doctor } from '../../../src/composition/commands/doctor.js';
import { recordOwner } from '../../../src/composition/data-folder-owner.js';
import { startServer } from '../../../src/composition/start-server.js';
import { AppError } from '../../../src/domain/errors.js';
import { ConfigFile } from '../../../src/infrastructure/config/config-file.js';
import { loadConfig } from '../../../src/infrastructure/config/load-config.js';
import { Argon2Hasher } from '../../../src/infrastructure/security/argon2-hasher.js';

const RECORD = 'installation.portkv.json';

describe('A data folder', () => {
  let folder: string;
  let config: string;
  let data: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    [config, data] = [join(folder, 'config.json'), join(folder, 'storage_data')];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  const idOf = async (path: string) => (await json(path)).system?.installation_id;

  /** Starts a server, stores a value if asked to, and stops it; resolves with what the value is then. */
  async function start(options: { config?: string; data?: string; adopt?: boolean } = {}, put?: string) {
    const server = await startServer({ config, init: true, port: 0, logLevel: 'error', ...options }, 'test');
    try {
      const values = `${server.address}/api/v1/projects/p/values/a`;
      if (put !== undefined) expect((await fetch(values, { method: 'PUT', body: put })).status).to.equal(201);
      return await (await fetch(values)).text();
    } finally {
      await server.stop();
    }
  }

  async function write(path: string, projects: object[] = [{ id: 'p', authentication: { enabled: false } }]) {
    await writeFile(path, JSON.stringify({ system: { authentication: { enabled: false } }, projects }));
  }

  async function expectRefused(options: Parameters<typeof start>[0], code: string, ...words: string[]) {
    const error: unknown = await start(options).catch((reason: unknown) => reason);
    if (!(error instanceof AppError)) throw error;
    expect(error.code, error.message).to.equal(code);
    for (const word of [...words, '--adopt']) expect(error.message).to.include(word);
    expect(error.message).not.to.include('\n');
  }

  it('and its configuration get the same id at the next start if neither has one, and keep it', async () => {
    await write(config);
    await start({}, 'one');
    const id = await idOf(config);
    expect(await json(join(data, RECORD))).to.deep.equal({ installation_id: id, config });
    const before = await readFile(config, 'utf8');
    expect(await start()).to.equal('one');
    expect(await readFile(config, 'utf8')).to.equal(before);

    // The same from before there were ids.
    await rm(join(data, RECORD));
    await write(config);
    expect(await start()).to.equal('one');
    expect((await json(join(data, RECORD))).installation_id)
      .to.equal(await idOf(config))
      .and.not.to.equal(id);
  });

  it('is refused to another configuration, by every command, unless that adopts it', async () => {
    await write(config);
    await start({}, 'one');
    const [other, missing, used] = ['other', 'missing', 'used'].map((name) => join(folder, `${name}.json`)) as [
      string,
      string,
      string,
    ];
    await write(other);
    await write(used);
    await start({ config: used, data: join(folder, 'used') });
    const before = await readdir(folder, { recursive: true });
    for (const path of [other, missing, used]) {
      await expectRefused({ config: path, data }, 'invalid', data, config, path, (await idOf(config)) as string);
    }
    expect(await readdir(folder, { recursive: true })).to.deep.equal(before);
    const lines: string[] = [];
    expect(await doctor(undefined, { config: other, data }, (line) => lines.push(line))).to.equal(false);
    expect(lines.join('\n')).to.match(/problem: .* belongs to /);

    for (const path of [used, other]) {
      expect(await start({ config: path, data, adopt: true })).to.equal('one');
      expect(await json(join(data, RECORD))).to.deep.equal({ installation_id: await idOf(path), config: path });
      expect(await start({ config: path, data })).to.equal('one');
    }
    await expectRefused({ config, data }, 'invalid', data, other, config);
  });

  it('follows a configuration that is renamed, and a copy of both can be used', async () => {
    await write(config);
    await start({}, 'one');
    const moved = join(folder, 'moved.json');
    await rename(config, moved);
    expect(await start({ config: moved })).to.equal('one');
    expect((await json(join(data, RECORD))).config).to.equal(moved);
    await cp(data, join(folder, 'copy'), { recursive: true });
    expect(await start({ config: moved, data: join(folder, 'copy') })).to.equal('one');
  });

  it('that has no data is refused to a configuration that has been used with some', async () => {
    await write(config);
    await start({}, 'one');
    await expectRefused({ data: join(folder, 'typo') }, 'unavailable', join(folder, 'typo'), data, config);
    expect(await readdir(folder)).to.have.members(['config.json', 'storage_data']);
    await rename(data, join(folder, 'kept'));
    await expectRefused({}, 'unavailable', data);
    await mkdir(data);
    await expectRefused({}, 'unavailable', data);
    expect(await readdir(data)).to.deep.equal([]);
    expect(await start({ adopt: true })).not.to.equal('one');
    await rm(data, { recursive: true });
    await rename(join(folder, 'kept'), data);
    expect(await start()).to.equal('one');
  });

  it('may be lost if every project is in memory', async () => {
    await write(config, [{ id: 'p', authentication: { enabled: false }, storage: { engine: 'memory' } }]);
    await start();
    await rm(data, { recursive: true });
    await start();
    expect((await json(join(data, RECORD))).installation_id).to.equal(await idOf(config));
  });

  it('with data and without an id is refused to a new configuration, and to one that has been used', async () => {
    await write(config);
    await start({}, 'one');
    await rm(join(data, RECORD));
    await expectRefused({}, 'invalid', data, config);
    await expectRefused({ config: join(folder, 'new.json') }, 'invalid', data, join(folder, 'new.json'));
    expect(await readdir(folder)).to.have.members(['config.json', 'storage_data']);
    expect(await start({ adopt: true })).to.equal('one');
    expect(await start()).to.equal('one');
  });

  it('and its configuration are bound although a crash came between the two', async () => {
    await write(config);
    await start({}, 'one');
    const record = await json(join(data, RECORD));
    const bound = await readFile(config, 'utf8');
    for (const text of [
      bound,
      JSON.stringify({ ...JSON.parse(bound), system: { authentication: { enabled: false } } }),
    ]) {
      await writeFile(join(data, RECORD), JSON.stringify({ ...record, pending: true }));
      await writeFile(config, text);
      expect(await start()).to.equal('one');
      expect(await json(join(data, RECORD))).to.deep.equal(record);
      expect(await idOf(config)).to.equal(record.installation_id);
    }
  });

  it('is used without an id, and with a warning, if the configuration cannot be written', async () => {
    await write(config);
    await mkdir(data);
    const file = new ConfigFile(config);
    const loaded = await loadConfig(file, new Argon2Hasher());
    if (loaded === undefined) throw new Error('no configuration');
    await writeFile(config, 'by hand');
    const warnings: string[] = [];
    const quiet = () => undefined;
    const log = { error: quiet, info: quiet, debug: quiet, warn: (_: object, text: string) => warnings.push(text) };
    const pair = { file, config: loaded, folder: data };
    await recordOwner(pair, loaded.settings, false, log);
    expect(warnings.join()).to.include(config).and.to.include('not noticed');
    expect(await readdir(data)).to.deep.equal([]);
    expect(await readFile(config, 'utf8')).to.equal('by hand');
    const adopting: unknown = await recordOwner(pair, loaded.settings, true, log).catch((error: unknown) => error);
    expect(adopting).to.be.instanceOf(AppError);
  });
});
