import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { engineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';

const REQUESTS = [
  ['PUT', 'values/a', '1'],
  ['GET', 'values/a', undefined],
  ['GET', 'store', undefined],
  ['POST', 'transactions', '{"operations":[{"put":{"key":"b","text":"2"}},{"put":{"key":"c","text":"2"}}]}'],
] as const;

describe('What fuzzing found', () => {
  let server: TestServer;
  let key: string;

  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
  });
  after(() => server.stop());

  it('stays mended: a transaction or form that is not UTF-8 is refused, not stored with other characters', async () => {
    const body = Buffer.from('{"operations":[{"put":{"key":"a\xff","text":"b"}}]}', 'latin1');
    expect((await server.call('POST', 'first_project/transactions', { key, body })).status).to.equal(400);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = await server.call('POST', 'first_project/store', {
      key,
      headers,
      body: Buffer.from('a\xff=1', 'latin1'),
    });
    expect(form.status).to.equal(400);
    expect((await server.call('GET', 'first_project/store?count=only', { key })).json.data.count).to.equal(0);
  });

  it('stays mended: a project that several create and delete at once is there or not, and is deleted once', async () => {
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

  for (const engine of engineNames) {
    it(`stays mended: a request under which its project is deleted finds none, ${engine}`, async () => {
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

  it('stays mended: a new project does not make the server seem down', async () => {
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

  it('stays mended: of members of a merge patch that share a name the last counts', async () => {
    await server.call('PUT', 'first_project/values/doc', { key, body: '{}' });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.call('PATCH', 'first_project/values/doc', { key, headers, body: '{"a":{"b":1},"a":{"c":1}}' });
    expect((await server.call('GET', 'first_project/values/doc', { key })).text).to.equal('{"a":{"c":1}}');
  });
});
