import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';

const REQUESTS = [
  ['PUT', 'values/a', '1'],
  ['GET', 'values/a', undefined],
  ['GET', 'store', undefined],
  ['POST', 'transactions', '{"operations":[{"put":{"key":"b","text":"2"}},{"put":{"key":"c","text":"2"}}]}'],
] as const;

describe('A project that is created and deleted', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('is refused with 400 and the code conflict if its id is taken, as an error and as problem details', async () => {
    const options = { key: server.systemKey, body: '{"id":"first_project"}' };
    const { status, json } = await server.call('POST', '/api/v1/projects', options);
    const shown = [status, json.status_code, json.error.code, json.message];
    expect(shown).to.deep.equal([
      400,
      400,
      'conflict',
      "Project with ID 'first_project' already exists in configuration.",
    ]);
    const headers = { accept: 'application/problem+json' };
    const problem = await server.call('POST', '/api/v1/projects', { ...options, headers });
    expect([problem.status, problem.json.status, problem.json.code]).to.deep.equal([400, 400, 'conflict']);
  });

  it('by several clients at once exists or not, and is deleted once', async () => {
    for (let round = 0; round < 5; round++) {
      const id = `twice${round}`;
      const body = JSON.stringify({ id });
      const create = () => server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
      const made = await Promise.all([create(), create(), create()]);
      expect(made.map(({ status }) => status).sort()).to.deep.equal([201, 400, 400]);
      const own = made.find(({ status }) => status === 201)?.json.data.new_api_key;
      await server.call('PUT', `${id}/values/a`, { key: own, body: '1' });
      const remove = () => server.call('DELETE', `/api/v1/projects/${id}`, { key: server.systemKey });
      const [one, again, two] = await Promise.all([remove(), create(), remove()]);
      expect([one.status, again.status, two.status], `${one.text}${again.text}${two.text}`).to.satisfy(
        (all: number[]) =>
          ['200,201,200', '200,201,404', '404,201,200', '200,400,404', '404,400,200'].includes(String(all)),
      );
    }
  });

  for (const engine of localEngineNames) {
    it(`while requests to it run is not found by them: ${engine}`, async () => {
      for (let round = 0; round < 5; round++) {
        const own = await server.project('gone', { storage: { engine } });
        const seen = new Map<number, string>();
        let isDeleted = false;
        const asking = Array.from({ length: 12 }, async (_, i) => {
          const [method, path, body] = REQUESTS[i % REQUESTS.length] as (typeof REQUESTS)[0];
          while (!isDeleted) {
            const { status, text } = await server.call(
              method,
              `gone/${path}`,
              body === undefined ? { key: own } : { key: own, body },
            );
            seen.set(status, text);
          }
        });
        await sleep(30);
        await server.call('DELETE', '/api/v1/projects/gone', { key: server.systemKey });
        isDeleted = true;
        await Promise.all(asking);
        const strange = [...seen].filter(([status]) => ![200, 201, 204, 401, 404].includes(status));
        expect(strange).to.deep.equal([]);
      }
    });
  }

  it('does not make the server seem down while it is created', async () => {
    let ready = true;
    let done = false;
    const look = async () => {
      while (!done) ready = (await server.call('GET', '/readyz')).status === 200 && ready;
    };
    const looking = look();
    try {
      for (let i = 0; i < 6; i++) {
        const own = await server.project(`new${i}`, { storage: { engine: 'lmdb' } });
        await server.call('PUT', `new${i}/values/a`, { key: own, body: '1' });
      }
    } finally {
      done = true;
      await looking;
    }
    expect(ready).to.equal(true);
  });
});
