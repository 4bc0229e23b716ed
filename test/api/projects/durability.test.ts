import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';

describe('The durability of a project', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  async function durability(project: string, key: string): Promise<unknown> {
    return (await server.call('GET', project, { key })).json.data.durability;
  }

  for (const engine of localEngineNames) {
    it(`is shown with its settings: ${engine}`, async () => {
      const key = await server.project(engine, { storage: { engine } });
      const commit =
        engine === 'memory'
          ? 'is lost when the server stops: it is in memory only'
          : 'survives a crash of this machine, as long as its disk is whole: it is synced before the answer';
      expect(await durability(engine, key)).to.deep.equal({ commit, warnings: [] });
    });
  }

  it('is that of the engine that has the data, also after a move', async () => {
    const key = await server.project('moved', { storage: { engine: 'memory' } });
    const body = JSON.stringify({ storage: { engine: 'json-file' } });
    const { status, json } = await server.call('PUT', 'moved', { key, body });
    expect(status).to.equal(202);
    const url = `moved/migrations/${json.data.id}`;
    while ((await server.call('GET', url, { key })).json.data.state === 'copying') await new Promise(setImmediate);
    expect(await durability('moved', key))
      .to.have.property('commit')
      .that.includes('survives a crash of this machine');
  });

  it('is no setting', async () => {
    const key = await server.project('set');
    const { status, text } = await server.call('PUT', 'set', { key, body: '{"durability":{"commit":"x"}}' });
    expect(status, text).to.equal(400);
  });
});
