import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../src/domain/api-key.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

const KEYS = ['a', 'iot/6', 'iot/7', 'iot/7/a', 'iot/7/b/c', 'iot/70', 'z'];
const SLICE = ['iot/7/a', 'iot/7/b/c'];

describe('A key that is restricted to a prefix', () => {
  let server: TestServer;
  let owner: string;
  let key: string;

  before(async () => {
    server = await TestServer.start();
    owner = await server.project('p', { storage: { engine: 'memory' } });
    key = await made({ scopes: SCOPES, prefix: 'iot/7/' });
  });
  after(() => server.stop());
  beforeEach(async () => {
    await server.call('DELETE', 'p/store', { key: owner });
    for (const one of KEYS) await server.call('PUT', `p/values/${one}`, { key: owner, body: '1' });
  });

  async function made(body: { scopes: readonly Scope[]; prefix?: string }): Promise<string> {
    const sent = JSON.stringify({ name: 'test', ...body });
    return (await server.call('POST', 'p/api-keys', { key: owner, body: sent })).json.data.key;
  }

  function get(path: string, as = key): Promise<TestResponse> {
    return server.call('GET', `p/${path}`, { key: as });
  }

  async function left(): Promise<string[]> {
    return (await get('store?keys_only=true', owner)).json.data.keys;
  }

  it('lists, counts and groups only entries with its prefix', async () => {
    expect(Object.keys((await get('store')).json.data)).to.deep.equal(SLICE);
    expect((await get('store?keys_only=true')).json.data.keys).to.deep.equal(SLICE);
    expect((await get('store?keys_only=true&prefix=')).json.data.keys).to.deep.equal(SLICE);
    expect((await get('store?count=only')).json.data).to.deep.equal({ count: 2 });
    expect((await get('store?count=true&limit=1')).json.data.count).to.equal(2);
    expect((await get('store?prefix=iot/7/b')).json.data.items).to.have.all.keys('iot/7/b/c');
    const grouped = (await get('store?separator=/&keys_only=true')).json.data;
    expect([grouped.keys, grouped.prefixes]).to.deep.equal([['iot/7/a'], ['iot/7/b/']]);
    for (const prefix of ['iot/', 'iot/7', 'iot/70', 'z', 'a']) {
      const { status, json } = await get(`store?prefix=${encodeURIComponent(prefix)}`);
      expect(status, prefix).to.equal(403);
      expect(json.error).to.deep.include({ code: 'insufficient_scope', required_scope: 'list', prefix: 'iot/7/' });
    }
  });

  it('stays within its prefix with a cursor of another key', async () => {
    const { cursor } = (await get('store?limit=1', owner)).json.data;
    expect((await get(`store?keys_only=true&cursor=${cursor}`)).json.data.keys).to.deep.equal(SLICE);
    const far = (await get('store?limit=6', owner)).json.data.cursor;
    expect((await get(`store?keys_only=true&cursor=${far}`)).json.data.keys).to.deep.equal([]);
  });

  it('finds the latest only among entries with its prefix', async () => {
    await server.call('PUT', 'p/values/iot/70', { key: owner, body: '2' });
    expect((await get('latest?prefix=iot/7/')).json.data.key).to.equal('iot/7/b/c');
    expect((await get('latest?key=iot/7/a&key=z')).status).to.equal(403);
    expect((await get('latest?prefix=iot/7')).status).to.equal(403);
  });

  it('removes only entries with its prefix', async () => {
    const dry = await server.call('DELETE', 'p/store?dry_run=true', { key });
    expect(dry.json.data).to.deep.equal({ count: 2 });
    expect((await server.call('DELETE', 'p/store?prefix=iot/', { key })).status).to.equal(403);
    expect(await left()).to.deep.equal(KEYS);
    const { json } = await server.call('DELETE', 'p/store', { key });
    expect(json.data).to.deep.equal({ count: 2 });
    expect(await left()).to.deep.equal(KEYS.filter((one) => !SLICE.includes(one)));
  });

  it('stores forms and runs transactions only if all their keys have its prefix', async () => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = (body: string, as = key) => server.call('POST', 'p/store', { key: as, body, headers: type });
    expect((await form('iot%2F7%2Fn=1&z=2')).status).to.equal(403);
    expect((await form('iot%2F7%2Fn=1&iot%2F7%2Fm=2')).status).to.equal(200);
    const withField = await server.call('POST', 'p/store', { body: `auth=${key}&b=1`, headers: type });
    expect(withField.status).to.equal(403);
    const run = (body: object, as = key) =>
      server.call('POST', 'p/transactions', { key: as, body: JSON.stringify(body) });
    const put = { put: { key: 'iot/7/t', text: 'x' } };
    for (const outside of [{ get: { key: 'z' } }, { put: { key: 'z', text: '' } }, { delete: { key: 'z' } }]) {
      expect((await run({ operations: [put, outside] })).status).to.equal(403);
    }
    expect((await run({ checks: [{ key: 'z', exists: true }], operations: [put] })).status).to.equal(403);
    expect(await left()).not.to.include('iot/7/t');
    expect((await run({ checks: [{ key: 'iot/7/a', exists: true }], operations: [put] })).status).to.equal(200);
  });
});
