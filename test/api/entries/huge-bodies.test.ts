import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const BYTES = 8 * 1024 * 1024 - 100;

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MERGE = 'application/merge-patch+json';

describe('A huge body full of mistakes', function () {
  this.timeout(180_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  /** Sends a request and expects this status. */
  async function expectStatus(
    path: string,
    type: string,
    body: string,
    status: number,
    key?: string,
    method = 'POST',
  ): Promise<void> {
    const answer = await server.call(method, `first_project/${path}`, { key, body, headers: { 'content-type': type } });
    expect(answer.status, answer.text.slice(0, 200)).to.equal(status);
    expect(answer.text.length, 'of the response').to.be.below(10_000);
  }

  const transactions = {
    numbers: `{"operations":[${'1,'.repeat(BYTES / 2 - 20)}1]}`,
    objects: `{"operations":[${'{},'.repeat(BYTES / 3 - 20)}{}]}`,
  };
  it('is refused as a transaction, with a short response', async () => {
    for (const body of Object.values(transactions)) {
      await expectStatus('transactions', JSON_TYPE, body, 400, server.projectKey);
    }
  });

  it('is refused as a form, with or without a key, and stores nothing', async () => {
    for (const body of ['a&'.repeat(BYTES / 2), '&'.repeat(BYTES), `${'&'.repeat(2000)}a=1`]) {
      await expectStatus('store', FORM, body, 401);
      await expectStatus('store', FORM, body, 400, server.projectKey);
    }
    const { json } = await server.call('GET', 'first_project/store?count=only', { key: server.projectKey });
    expect(json.data.count).to.equal(0);
  });

  const nested = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":${'{"a":'.repeat(20)}${i}${'}'.repeat(20)}`)}}`;
  it('is refused as a merge patch of too many members, alone and in a transaction', async () => {
    const patch = nested(5000);
    await expectStatus('values/k', JSON_TYPE, '{}', 201, server.projectKey, 'PUT');
    await expectStatus('values/k', MERGE, patch, 413, server.projectKey, 'PATCH');
    const merges = ['k', 'l'].map((key) => `{"merge":{"key":"${key}","json":${nested(2500)}}}`);
    await expectStatus('transactions', JSON_TYPE, `{"operations":[${merges}]}`, 413, server.projectKey);
    const { text } = await server.call('GET', 'first_project/values/k', { key: server.projectKey });
    expect(text).to.equal('{}');
  });

  it('is refused as a transaction that gets, appends to and patches more than 64 MiB', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const value = JSON.stringify('x'.repeat(BYTES));
    for (const key of keys) await expectStatus(`values/${key}`, JSON_TYPE, value, 201, server.projectKey, 'PUT');
    for (const members of ['"get":{"key":KEY}', '"append":{"key":KEY,"text":" "}', '"merge":{"key":KEY,"json":1}']) {
      const all = keys.map((key) => `{${members.replace('KEY', `"${key}"`)}}`);
      await expectStatus('transactions', JSON_TYPE, `{"operations":[${all}]}`, 413, server.projectKey);
    }
    const { headers } = await server.call('GET', 'first_project/values/a', { key: server.projectKey });
    expect(Number(headers.get('content-length'))).to.equal(value.length);
  });
});
