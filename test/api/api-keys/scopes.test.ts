import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../src/domain/api-key.js';
import { TestServer } from '../../harness/test-server.js';

describe('A key that has only some scopes', () => {
  let server: TestServer;
  let owner: string;

  before(async () => {
    server = await TestServer.start();
    owner = await server.project('p', { storage: { engine: 'memory' } });
    await server.call('PUT', 'p/store/n', { key: owner, body: '1' });
    await server.call('PUT', 'p/store/y', { key: owner, body: '{}' });
  });
  after(() => server.stop());

  async function made(...scopes: Scope[]): Promise<string> {
    const body = JSON.stringify({ name: 'test', scopes });
    return (await server.call('POST', 'p/api-keys', { key: owner, body })).json.data.key;
  }

  it('lists keys without `read`, but no values', async () => {
    const key = await made('list');
    for (const [query, status] of [
      ['?keys_only=true', 200],
      ['?count=only', 200],
      ['?keys_only=true&count=true', 200],
      ['?count=true', 403],
      ['?limit=1', 403],
      ['?keys_only=false', 403],
      ['', 403],
    ] as const) {
      expect((await server.call('GET', `p/store${query}`, { key })).status, query).to.equal(status);
    }
  });

  it('needs for each operation of a transaction the scope of that operation', async () => {
    const parts: readonly [object, Scope][] = [
      [{ operations: [{ get: { key: 'n' } }] }, 'read'],
      [{ operations: [], checks: [{ key: 'n', exists: true }] }, 'read'],
      [{ operations: [{ put: { key: 'x', json: 1 } }] }, 'write'],
      [{ operations: [{ increment: { key: 'n', by: 0 } }] }, 'write'],
      [{ operations: [{ append: { key: 'x', text: '' } }] }, 'write'],
      [{ operations: [{ merge: { key: 'y', json: {} } }] }, 'write'],
      [{ operations: [{ touch: { key: 'n', ttl: null } }] }, 'write'],
      [{ operations: [{ delete: { key: 'nothing' } }] }, 'delete'],
    ];
    for (const scope of SCOPES) {
      const key = await made(scope);
      for (const [transaction, needed] of parts) {
        const { status, text } = await server.call('POST', 'p/transactions', {
          key,
          body: JSON.stringify(transaction),
        });
        expect(status, `${scope}: ${text}`).to.equal(scope === needed ? 200 : 403);
      }
    }
  });

  it('gets no value back from a write if it may not read', async () => {
    const key = await made('write');
    await server.call('PUT', 'p/store/doc', { key: owner, body: '{"secret":"hidden-value"}' });
    const merged = await server.call('PATCH', 'p/store/doc', {
      key,
      body: '{}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(merged.status).to.equal(200);
    expect(merged.text).not.to.include('hidden-value');
    await server.call('PUT', 'p/store/count', { key: owner, body: '47114711471147114711' });
    expect((await server.call('POST', 'p/store/count/increment', { key, body: '{"by":0}' })).text).not.to.include(
      '47114711471147114711',
    );
    const body = JSON.stringify({ operations: [{ increment: { key: 'count', by: 0 } }] });
    expect((await server.call('POST', 'p/transactions', { key, body })).text).not.to.include('47114711471147114711');
  });
});
