import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const BYTES = 8 * 1024 * 1024 - 100;
/** How many times what it takes to send a harmless body of that size, and to parse this one, a huge body may take; for a patch, to parse it and the value. */
const MOST = 10;

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MERGE = 'application/merge-patch+json';

/** What it takes to parse a text once, in ms. */
function parsingOf(text: string): number {
  const start = process.cpuUsage();
  JSON.parse(text);
  return process.cpuUsage(start).user / 1000;
}

describe('A huge body full of mistakes', function () {
  this.timeout(180_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    await harmlessCost(); // What is loaded and compiled at the first time is none of it.
  });
  after(() => server.stop());

  /** Processor time of this process, which the server is in, in ms; the answer must be the one that is expected. */
  async function cost(
    path: string,
    type: string,
    body: string,
    status: number,
    key?: string,
    method = 'POST',
  ): Promise<number> {
    const start = process.cpuUsage();
    const answer = await server.call(method, `first_project/${path}`, { key, body, headers: { 'content-type': type } });
    const { user } = process.cpuUsage(start);
    expect(answer.status, answer.text.slice(0, 200)).to.equal(status);
    expect(answer.text.length, 'of the answer').to.be.below(10_000);
    return user / 1000;
  }

  const harmlessCost = () => cost('transactions', JSON_TYPE, `["${'x'.repeat(BYTES)}"]`, 400, server.projectKey);

  const transactions = {
    numbers: `{"operations":[${'1,'.repeat(BYTES / 2 - 20)}1]}`,
    objects: `{"operations":[${'{},'.repeat(BYTES / 3 - 20)}{}]}`,
    members: `{${Array.from({ length: 500_000 }, (_, i) => `"k${i}":1`)}}`,
  };
  for (const [what, body] of Object.entries(transactions)) {
    it(`holds up others hardly longer than it takes to parse it: a transaction of ${what}`, async () => {
      const harmless = await harmlessCost();
      const parsing = parsingOf(body);
      const took = await cost('transactions', JSON_TYPE, body, 400, server.projectKey);
      expect(took / (harmless + parsing)).to.be.below(MOST);
    });
  }

  it('is refused as a form, with or without a key, and stores nothing', async () => {
    for (const body of ['a&'.repeat(BYTES / 2), '&'.repeat(BYTES), `${'&'.repeat(2000)}a=1`]) {
      await cost('store', FORM, body, 401);
      await cost('store', FORM, body, 400, server.projectKey);
    }
    const { json } = await server.call('GET', 'first_project/store?count=only', { key: server.projectKey });
    expect(json.data.count).to.equal(0);
  });

  const nested = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":${'{"a":'.repeat(20)}${i}${'}'.repeat(20)}`)}}`;
  const values = {
    'of half a million members': [`{${Array.from({ length: 500_000 }, (_, i) => `"k${i}":${i}`)}}`, '{"a":1}'],
    'of objects one in another around many numbers': [
      `${'{"a":'.repeat(60)}[${'1,'.repeat(BYTES / 2 - 300)}1]${'}'.repeat(60)}`,
      `${'{"a":'.repeat(60)}{"b":1}${'}'.repeat(60)}`,
    ],
    'of half a million members, of which as many go as a patch may name': [
      `{${Array.from({ length: 500_000 }, (_, i) => `"k${i}":${i}`)}}`,
      `{${Array.from({ length: 100_000 }, (_, i) => `"k${3 * i}":null`)}}`,
    ],
  } as const;
  for (const [what, [value, patch]] of Object.entries(values)) {
    it(`holds up others hardly longer than it takes to parse it: a value ${what}, patched`, async () => {
      await cost('values/k', JSON_TYPE, value, 201, server.projectKey, 'PUT');
      const parsing = parsingOf(value) + parsingOf(patch);
      const took = await cost('values/k', MERGE, patch, 204, server.projectKey, 'PATCH');
      await cost('values/k', JSON_TYPE, '', 204, server.projectKey, 'DELETE');
      expect(took / parsing).to.be.below(MOST);
    });
  }

  it('is refused as a patch of more members than are quickly applied, alone and in a transaction', async () => {
    const patch = nested(5000);
    await cost('values/k', JSON_TYPE, '{}', 201, server.projectKey, 'PUT');
    await cost('values/k', MERGE, patch, 413, server.projectKey, 'PATCH');
    const merges = ['k', 'l'].map((key) => `{"merge":{"key":"${key}","json":${nested(2500)}}}`);
    await cost('transactions', JSON_TYPE, `{"operations":[${merges}]}`, 413, server.projectKey);
    const { text } = await server.call('GET', 'first_project/values/k', { key: server.projectKey });
    expect(text).to.equal('{}');
  });

  it('is no transaction that gets, appends to and patches more than 64 MiB', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const value = JSON.stringify('x'.repeat(BYTES));
    for (const key of keys) await cost(`values/${key}`, JSON_TYPE, value, 201, server.projectKey, 'PUT');
    for (const members of ['"get":{"key":KEY}', '"append":{"key":KEY,"text":" "}', '"merge":{"key":KEY,"json":1}']) {
      const all = keys.map((key) => `{${members.replace('KEY', `"${key}"`)}}`);
      await cost('transactions', JSON_TYPE, `{"operations":[${all}]}`, 413, server.projectKey);
    }
    const { headers } = await server.call('GET', 'first_project/values/a', { key: server.projectKey });
    expect(Number(headers.get('content-length'))).to.equal(value.length);
  });
});
