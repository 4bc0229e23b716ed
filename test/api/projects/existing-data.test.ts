import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { doctor } from '../../../src/composition/commands/doctor.js';
import { TestServer } from '../../harness/test-server.js';

describe('Data without a project in the configuration', () => {
  let server: TestServer;
  let data: string;
  let config: string;
  beforeEach(async () => {
    server = await TestServer.start();
    data = join(server.folder, 'storage_data');
    config = join(server.folder, 'config.json');
  });
  afterEach(() => server.stop());

  async function create(id: string, query = '', settings: object = {}) {
    const body = JSON.stringify({ id, ...settings });
    const { status, json } = await server.call('POST', `/api/v1/projects${query}`, { key: server.systemKey, body });
    return { status, message: json.message as string, code: json.error?.code, key: json.data?.new_api_key as string };
  }

  const readValue = async (id: string, key: string) => (await server.call('GET', `${id}/values/a`, { key })).text;
  const readyz = async () => (await server.call('GET', '/readyz')).json;

  /** Creates a project with a value and a snapshot, and takes it out of the configuration. */
  async function lose(id: string, engine: string): Promise<void> {
    const key = await server.project(id, { storage: { engine } });
    expect((await server.call('PUT', `${id}/values/a`, { key, body: 'kept' })).status).to.equal(201);
    expect((await server.call('POST', `${id}/snapshots`, { key })).status).to.equal(201);
    await server.restart(async () => {
      const { projects, ...rest } = JSON.parse(await readFile(config, 'utf8'));
      const others = projects.filter((project: { id: string }) => project.id !== id);
      await writeFile(config, JSON.stringify({ ...rest, projects: others }));
    });
  }

  it('is named by /readyz, unless projects are hidden, and by doctor', async () => {
    expect(await readyz()).to.deep.equal({ status: 'ready', unavailable: {} });
    await lose('lost', 'json-file');
    expect(await readyz()).to.deep.equal({ status: 'ready', unavailable: {}, unclaimed: ['lost'] });
    await server.configure({ security: { project_discoverable: false } });
    expect(await readyz()).to.deep.equal({ status: 'ready', unavailable: {} });
    const lines: string[] = [];
    await server.restart(async () => {
      expect(await doctor(undefined, { config }, (line) => lines.push(line))).to.equal(false);
      lines.push('---');
      expect(await doctor('first_project', { config }, (line) => lines.push(line))).to.equal(true);
    });
    const [all, one] = lines.join('\n').split('---');
    expect(all).to.match(/problem: .* has data of project 'lost', which is not in .*config\.json/);
    expect(one).not.to.include('lost');
  });

  for (const engine of ['json-file', 'directory', 'lmdb']) {
    it(`is a conflict for a new project, which adopts it if asked to: ${engine}`, async () => {
      await lose('lost', engine);
      const before = await readdir(data);
      const refused = await create('lost');
      expect([refused.status, refused.code], refused.message).to.deep.equal([409, 'conflict']);
      for (const word of ['lost.placement.json', 'existing=adopt', 'existing=move-aside']) {
        expect(refused.message).to.include(word);
      }
      expect(await readdir(data)).to.deep.equal(before);

      const { status, message, key } = await create('lost', '?existing=adopt');
      expect(status, message).to.equal(201);
      expect(await readValue('lost', key)).to.equal('kept');
      expect((await server.call('GET', 'lost', { key })).json.data.storage.engine).to.equal(engine);
      expect((await server.call('GET', 'lost/snapshots', { key })).json.data).to.have.length(1);
      expect(await readyz()).to.deep.equal({ status: 'ready', unavailable: {} });
      await server.restart();
      expect(await readValue('lost', key)).to.equal('kept');
    });

    it(`is renamed only if asked to: ${engine}`, async () => {
      await lose('lost', engine);
      const before = (await readdir(data)).filter((name) => name.startsWith('lost'));
      const { status, message, key } = await create('lost', '?existing=move-aside');
      expect(status, message).to.equal(201);
      const after = await readdir(data);
      for (const name of before)
        expect(
          after.some((other) => other.startsWith(`${name}.aside-`)),
          name,
        ).to.equal(true);
      expect((await server.call('GET', 'lost/values/a', { key })).status).to.equal(404);
      expect((await server.call('GET', 'lost/snapshots', { key })).json.data).to.deep.equal([]);
      expect(await readyz()).to.deep.equal({ status: 'ready', unavailable: {} });
      expect((await server.call('DELETE', 'lost', { key: server.systemKey })).status).to.equal(200);
      expect((await create('lost')).status, 'what is aside is in no way').to.equal(201);
    });
  }

  it('is a conflict, too, without a placement: files of any engine, stray ones, snapshots', async () => {
    await writeFile(join(data, 'a_store.json'), '{}');
    await mkdir(join(data, 'b'));
    await writeFile(join(data, 'c.3_store.json'), '{}');
    await mkdir(join(data, 'snapshots.portkv', 'd'), { recursive: true });
    await writeFile(join(data, 'snapshots.portkv', 'd', 'x'), '');
    for (const [id, name] of [
      ['a', 'a_store.json'],
      ['b', 'b'],
      ['c', 'c.3_store.json'],
      ['d', join('snapshots.portkv', 'd')],
    ] as const) {
      for (const engine of ['json-file', 'lmdb', 'memory']) {
        const { status, message } = await create(id, '', { storage: { engine } });
        expect(status, message).to.equal(409);
        expect(message).to.include(`${name}.`);
      }
    }
    expect(await create('c', '?existing=adopt')).to.include({ status: 409, code: 'conflict' });
    expect((await readdir(data)).filter((name) => name.includes('aside'))).to.deep.equal([]);
    expect((await create('a', '?existing=adopt')).status).to.equal(201);
    expect((await create('c', '?existing=move-aside')).status).to.equal(201);
    expect((await create('x', '?existing=replace')).status).to.equal(400);
  });

  it('is not in the way of a change of engine, and stays', async () => {
    const key = await server.project('p');
    await server.call('PUT', 'p/values/a', { key, body: '1' });
    const stray = join(data, 'p.2.lmdb');
    await mkdir(stray);
    await writeFile(join(stray, 'mine'), 'mine');
    const body = JSON.stringify({ storage: { engine: 'lmdb' } });
    const { id } = (await server.call('PUT', 'p', { key, body })).json.data;
    for (let state = 'copying'; state === 'copying'; ) {
      state = (await server.call('GET', `p/migrations/${id}`, { key })).json.data.state;
    }
    expect((await server.call('GET', 'p', { key })).json.data.storage.engine).to.equal('lmdb');
    expect(await readValue('p', key)).to.equal('1');
    expect(await readFile(join(stray, 'mine'), 'utf8')).to.equal('mine');
  });

  it('is not erased if the project that adopts it cannot be saved', async () => {
    await lose('lost', 'json-file');
    const text = await readFile(config, 'utf8');
    await writeFile(config, 'broken by hand');
    expect((await create('lost', '?existing=adopt')).status).to.equal(503);
    await writeFile(config, text);
    const { key } = await create('lost', '?existing=adopt');
    expect(await readValue('lost', key)).to.equal('kept');
  });

  it('counts in whatever case its id is written', async () => {
    await lose('Lost', 'json-file');
    expect((await create('lost')).message).to.include('Lost.placement.json');
    expect(await create('lost', '?existing=adopt')).to.include({ status: 409, code: 'conflict' });
    await server.restart(async () => {
      const all = JSON.parse(await readFile(config, 'utf8'));
      all.projects.push({ id: 'lost', authentication: { enabled: false } });
      await writeFile(config, JSON.stringify(all));
    });
    const { status, json } = await server.call('GET', 'lost/values/a');
    expect([status, json.message.includes('Lost.placement.json')]).to.deep.equal([503, true]);
    expect(await readdir(data)).not.to.include('lost.placement.json');
  });

  it('of a project that was renamed in another case by hand is found again after that is undone', async () => {
    const key = await server.project('Team');
    await server.call('PUT', 'Team/values/a', { key, body: 'secret' });
    for (const [status, from, to] of [
      [503, 'Team', 'team'],
      [200, 'team', 'Team'],
    ] as const) {
      await server.restart(async () => {
        await writeFile(config, (await readFile(config, 'utf8')).replace(`"${from}"`, `"${to}"`));
      });
      expect((await server.call('GET', `${to}/values/a`, { key })).status, to).to.equal(status);
    }
  });
});

describe('Project ids that differ only in case', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('are one id: another one is a conflict, also at the same moment, and only the first is found', async () => {
    const create = (id: string) =>
      server.call('POST', '/api/v1/projects', { key: server.systemKey, body: JSON.stringify({ id }) });
    const made = await Promise.all([create('Team'), create('team'), create('TEAM')]);
    expect(made.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409]);
    const [refused] = made.filter(({ status }) => status === 409);
    expect(refused?.json.error.code).to.equal('conflict');
    expect((await create('first_Project')).json.message).to.include("'first_project'");
    const found = await Promise.all(
      ['Team', 'team', 'TEAM'].map((id) => server.call('GET', id, { key: server.systemKey })),
    );
    expect(found.map(({ status }) => status).sort()).to.deep.equal([200, 404, 404]);
    expect((await create('first_project')).status, 'the same id').to.equal(400);
    const shared = JSON.stringify({ id: 's', storage: { engine: 'directory', options: { path: 'FIRST_project' } } });
    const path = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body: shared });
    expect(path.status, 'the folder of another project').to.equal(400);
  });
});
