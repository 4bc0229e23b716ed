import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('Names that every object has', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
  });
  after(() => server.stop());

  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'];

  it('are keys like any other, on every route', async () => {
    for (const name of names) {
      expect((await server.call('GET', `first_project/store/${name}`, { key })).status, name).to.equal(404);
      await server.call('PUT', `first_project/store/${name}`, { key, body: `"${name}"` });
      expect((await server.call('GET', `first_project/store/${name}`, { key })).json.data.value).to.equal(name);
    }
    const { text } = await server.call('GET', 'first_project/store?prefix=__proto__', { key });
    expect(text).to.include('"__proto__":{');
    const form = {
      key,
      body: '__proto__=1&constructor=2',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect((await server.call('POST', 'first_project/store', form)).status).to.equal(200);
    expect((await server.call('GET', 'first_project/values/__proto__', { key })).text).to.equal('1');
    expect(({} as Record<string, unknown>)['1']).to.equal(undefined);
    for (const name of names) await server.call('DELETE', `first_project/values/${name}`, { key });
  });

  it('are members of values like any other', async () => {
    const body = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    await server.call('PUT', 'first_project/values/members', { key, body });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const patch = '{"__proto__":{"more":1},"constructor":null}';
    expect((await server.call('PATCH', 'first_project/values/members', { key, body: patch, headers })).status).to.equal(
      204,
    );
    const { text } = await server.call('GET', 'first_project/values/members', { key });
    expect(text).to.equal('{"__proto__":{"polluted":true,"more":1}}');
    expect(({} as { polluted?: boolean; more?: number }).polluted).to.equal(undefined);
  });

  it('are neither settings nor projects', async () => {
    for (const body of ['{"id":"x","__proto__":{"polluted":1}}', '{"id":"x","storage":{"constructor":1}}']) {
      expect((await server.call('POST', '/api/v1/projects', { key: server.systemKey, body })).status, body).to.equal(
        400,
      );
    }
    expect((await server.call('PUT', 'first_project', { key, body: '{"__proto__":{"a":1}}' })).status).to.equal(400);
    for (const name of names) expect((await server.call('GET', name, { key })).status, name).to.equal(404);
  });
});
