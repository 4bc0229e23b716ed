import { expect } from 'chai';
import {
  type AuditFilter,
  type Client,
  connect,
  createClient,
  PortkvError,
} from '../../src/interfaces/client/client.js';
import { TestServer } from '../harness/test-server.js';

describe("The client's admin", () => {
  let server: TestServer;
  let client: Client;

  before(async () => {
    server = await TestServer.start();
    client = createClient({ url: server.address, key: server.systemKey });
  });
  after(() => server.stop());

  const codeOf = async (task: Promise<unknown>) =>
    task.catch((error: unknown) => (error instanceof PortkvError ? error.code : error));

  it('describes the server and the key', async () => {
    expect(await client.admin.status()).to.include.keys('version', 'uptime', 'number_of_projects');
    expect(await client.whoami()).to.include({ kind: 'system' });
  });

  it('reads the audit log, latest first, over its pages', async () => {
    const { projects } = client.admin;
    const audit = (filter: AuditFilter) => client.admin.audit(filter);
    await projects.create('audited', { storage: { engine: 'memory' } });
    for (let i = 1; i <= 105; i++) await projects.update('audited', { limits: { max_keys: i } });
    const times: number[] = [];
    const filter = { project: 'audited', act: 'updateProject' };
    for await (const { time, outcome } of audit(filter)) if (outcome === 'done') times.push(time);
    expect(times).to.have.length(105);
    expect(times).to.deep.equal([...times].sort((a, b) => b - a));
    expect((await audit({ ...filter, outcome: 'failed' }).next()).done).to.equal(true);
  });

  it('creates, changes and deletes projects', async () => {
    const { projects } = client.admin;
    const key = await projects.create('p1', { storage: { engine: 'memory' } });
    const store = connect({ url: server.address, project: 'p1', key });
    await store.put('a', 1);
    expect(await projects.list()).to.have.property('p1');
    expect(await projects.get('p1')).to.deep.include({ id: 'p1' });
    expect(await codeOf(projects.create('p1'))).to.equal('conflict');
    expect(await projects.update('p1', { limits: { max_keys: 5 } })).to.equal(undefined);
    const fresh = await projects.regenerateKey('p1');
    expect(await codeOf(store.get('a'))).to.equal('unauthenticated');
    const again = createClient({ url: server.address, key: fresh }).project<number>('p1');
    expect((await again.get('a'))?.value).to.equal(1);
    await projects.delete('p1');
    expect(await codeOf(projects.get('p1'))).to.equal('not_found');
    expect(await projects.create('open', { authentication: { enabled: false } })).to.equal(undefined);
  });

  it('moves a project to another engine, and back', async () => {
    const { projects, migrations } = client.admin;
    const store = connect({ url: server.address, project: 'moved', key: await projects.create('moved') });
    await store.put('a', 1);
    const { id = '' } = (await projects.update('moved', { storage: { engine: 'memory' } })) ?? {};
    const finished = async () => (await migrations.get('moved', id)).state !== 'copying';
    while (!(await finished())) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await migrations.get('moved', id)).to.include({ state: 'done', from: 'json-file', to: 'memory' });
    expect((await migrations.list('moved')).map((one) => one.id)).to.deep.equal([id]);
    await migrations.rollBack('moved', id);
    expect((await store.get('a'))?.value).to.equal(1);
  });

  it('makes, rotates and deletes keys', async () => {
    const { keys } = client.admin;
    const made = await keys.create('first_project', { name: 'reader', scopes: ['read', 'list'], prefix: 'a/' });
    const store = connect({ url: server.address, project: 'first_project', key: made.key });
    expect(await store.get('a/b')).to.equal(undefined);
    expect(await codeOf(store.put('a/b', 1))).to.equal('insufficient_scope');
    expect((await keys.list('first_project')).map(({ name }) => name)).to.include('reader');
    const rotated = await keys.rotate('first_project', made.id);
    expect(await codeOf(store.get('a/b'))).to.equal('unauthenticated');
    const { key } = rotated;
    expect(await connect({ url: server.address, project: 'first_project', key }).has('a/b')).to.equal(false);
    await keys.delete('first_project', made.id);
    expect(await codeOf(keys.delete('first_project', made.id))).to.equal('not_found');
  });

  it('makes, restores and deletes snapshots', async () => {
    const { snapshots } = client.admin;
    const store = connect({ url: server.address, project: 'first_project', key: server.projectKey });
    await store.put('kept', 1);
    const { id, count } = await snapshots.create('first_project');
    expect(count).to.equal(1);
    await store.clear();
    expect(await snapshots.restore('first_project', id)).to.include({ count: 1 });
    expect((await store.get('kept'))?.value).to.equal(1);
    expect(await snapshots.verify('first_project', id)).to.include({ count: 1 });
    expect(await snapshots.get('first_project', id)).to.include({ id, count: 1 });
    await snapshots.delete('first_project', id);
    expect(await snapshots.list('first_project')).to.deep.equal([]);
  });
});
