import { expect } from 'chai';
import { TestServer } from './test-server.js';

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

  it('stays mended: of members of a merge patch that share a name the last counts', async () => {
    await server.call('PUT', 'first_project/values/doc', { key, body: '{}' });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.call('PATCH', 'first_project/values/doc', { key, headers, body: '{"a":{"b":1},"a":{"c":1}}' });
    expect((await server.call('GET', 'first_project/values/doc', { key })).text).to.equal('{"a":{"c":1}}');
  });
});
