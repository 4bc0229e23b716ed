import { expect } from 'chai';
import { SCOPES } from '../../src/domain/api-key.js';
import { connect, PortkvError } from '../../src/interfaces/client/client.js';
import { TestServer } from '../harness/test-server.js';

describe("The client's writes that return the old entry", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const scopeOf = async (task: Promise<unknown>) =>
    task.catch((error: unknown) => (error instanceof PortkvError ? error.details.required_scope : error));

  it('are refused to a key that may not read, and change nothing then', async () => {
    const key = await server.project('p1');
    const store = connect({ url: server.address, project: 'p1', key });
    await store.put('a', 'secret');
    const scopes = SCOPES.filter((scope) => scope !== 'read');
    const body = JSON.stringify({ name: 'blind', scopes });
    const { json } = await server.call('POST', 'p1/api-keys', { key, body });
    await using blind = connect({ url: server.address, project: 'p1', key: json.data.key });
    for (const value of ['new', 'x'.repeat(3 * 1024 * 1024)]) {
      expect(await scopeOf(blind.put('a', value, { return: 'old' }))).to.equal('read');
    }
    expect(await scopeOf(blind.delete('a', { return: 'old' }))).to.equal('read');
    expect((await store.get('a'))?.value).to.equal('secret');
    expect(await blind.put('a', 'new')).to.be.a('string');
    expect(await blind.delete('a')).to.equal(true);
  });
});
