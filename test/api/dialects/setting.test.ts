import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('The dialects of a project', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const configure = (dialects: unknown) =>
    server.call('PUT', 'first_project', { key: server.projectKey, body: JSON.stringify({ dialects }) });
  const shown = async () => (await server.call('GET', 'first_project', { key: server.projectKey })).json.data.dialects;
  const list = (path = 'first_project') => server.call('GET', `/unstorage/${path}/:`, { key: server.projectKey });

  it('are none at first, change while the server runs, and are in the configuration', async () => {
    expect(await shown()).to.equal(undefined);
    expect((await list()).status).to.equal(404);
    for (const dialects of [['unstorage', 'upstash'], ['cloudflare'], ['unstorage']]) {
      expect((await configure(dialects)).status).to.equal(200);
      expect(await shown()).to.deep.equal(dialects);
      const { projects } = JSON.parse(await readFile(join(server.folder, 'config.json'), 'utf8'));
      expect(projects[0].dialects).to.deep.equal(dialects);
      expect((await list()).status).to.equal(dialects.includes('unstorage') ? 200 : 404);
    }
    await server.restart();
    expect((await list()).status).to.equal(200);
    await configure(null);
    expect(await shown()).to.equal(undefined);
    expect((await list()).status).to.equal(404);
  });

  it('are set when a project is created', async () => {
    const key = await server.project('made', { storage: { engine: 'memory' }, dialects: ['unstorage'] });
    expect((await server.call('GET', '/unstorage/made/:', { key })).text).to.equal('[]');
  });

  it('are a list of some that exist, each once', async () => {
    for (const wrong of ['unstorage', {}, 1, ['redis'], ['unstorage', 'unstorage'], [null], [['unstorage']]]) {
      const { status, json } = await configure(wrong);
      expect(status, JSON.stringify(wrong)).to.equal(400);
      expect(json.message).to.equal(
        `Invalid project settings: dialects: ${JSON.stringify(wrong)} must be a list of some of ` +
          '"unstorage", "cloudflare", "upstash", each at most once',
      );
    }
    expect(await shown()).to.equal(undefined);
  });

  it('are not found out without a key of the project, also while projects are hidden', async () => {
    await configure(['unstorage']);
    const other = await server.project('other', { storage: { engine: 'memory' } });
    await server.configure({ security: { project_discoverable: false } });
    const answers = new Set<string>();
    for (const path of ['first_project', 'other', 'unknown']) {
      const { status, text } = await server.call('GET', `/unstorage/${path}/:`, { key: 'wrong' });
      answers.add(`${status} ${text}`);
    }
    expect([...answers]).to.have.length(1);
    const { status, text } = await server.call('GET', '/unstorage/other/:', { key: other });
    expect([status, text]).to.deep.equal([
      404,
      '{"statusCode":404,"statusMessage":"Project \'other\' does not name the dialect \\"unstorage\\"; ' +
        'PUT /api/v1/projects/other {\\"dialects\\":[\\"unstorage\\"]} switches it on","stack":[],' +
        '"data":{"code":"not_found","setting":"dialects"}}\n',
    ]);
    await server.configure({ security: { project_discoverable: true } });
  });

  it('are not in the OpenAPI document, and have metrics and the audit of other routes', async () => {
    const { text } = await server.call('GET', '/openapi.json');
    expect(text).not.to.match(/\/unstorage\/|\/client\/v4\//);
    await configure(['unstorage']);
    await list();
    const metrics = await server.call('GET', '/metrics', { key: server.systemKey });
    expect(metrics.text).to.contain('route="readUnstorage"');
  });
});
