import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('A body with mistakes', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('is refused with the path of the first one', async () => {
    const system = { key: server.systemKey };
    const wrong = { storage: { engine: 'memory' }, limits: { max_keys: -1, max_value_bytes: 'x' } };
    const ask = async (method: string, path: string, body: string) =>
      (await server.call(method, path, { ...system, body })).json.error;
    expect((await ask('PUT', 'first_project', '{"limits":{"max_keys":-1}}')).path).to.equal('limits.max_keys');
    const made = await ask('POST', '/api/v1/projects', JSON.stringify({ id: 'wrong', ...wrong }));
    expect(made.path).to.equal(made.errors[0].path);
    expect((await ask('POST', '/api/v1/projects', '{"id":1}')).path).to.equal('id');
    const deep = `${'['.repeat(65)}${']'.repeat(65)}`;
    expect((await ask('PUT', 'first_project', deep)).path).to.equal('body');
    expect((await ask('POST', 'first_project/api-keys', deep)).path).to.equal('body');
    const { json } = await server.call('PUT', 'first_project', { ...system, body: '\uFEFF{}' });
    expect(json.message).to.include('begins with a byte order mark');
  });
});
