import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const BYTES = 8 * 1024 * 1024 - 100;
/**
 * How many times as long a huge body may take as a harmless one of that size, and to parse this one;
 * a patch, as to parse it and the value.
 */
const MOST = 10;

const JSON_TYPE = 'application/json';
const MERGE = 'application/merge-patch+json';

/** The processor time to parse a text once, in ms. */
function parsingOf(text: string): number {
  const start = process.cpuUsage();
  JSON.parse(text);
  return process.cpuUsage(start).user / 1000;
}

describe('The processor time of a huge body', function () {
  this.retries(2);
  this.timeout(180_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    // What is loaded and compiled at the first request does not count.
    await harmlessCost();
  });
  after(() => server.stop());

  /** The processor time of this process, in which the server runs, in ms, if the response has the expected status. */
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
    it(`is little more than to parse it: a transaction of ${what}`, async () => {
      const harmless = await harmlessCost();
      const parsing = parsingOf(body);
      const took = await cost('transactions', JSON_TYPE, body, 400, server.projectKey);
      expect(took / (harmless + parsing)).to.be.below(MOST);
    });
  }

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
    it(`is little more than to parse it: a value ${what}, patched`, async () => {
      await cost('values/k', JSON_TYPE, value, 201, server.projectKey, 'PUT');
      const parsing = parsingOf(value) + parsingOf(patch);
      const took = await cost('values/k', MERGE, patch, 204, server.projectKey, 'PATCH');
      await cost('values/k', JSON_TYPE, '', 204, server.projectKey, 'DELETE');
      expect(took / parsing).to.be.below(MOST);
    });
  }

  it('is little more than that of a flat one: a value of 100,000 levels, stored and shown', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const flat = JSON.stringify('x'.repeat(deep.length - 2));
    const costs: number[] = [];
    for (const body of [flat, deep, flat, deep]) {
      const start = process.cpuUsage();
      await cost('store/deep', JSON_TYPE, body, 200, server.projectKey, 'PUT');
      const { json } = await server.call('GET', 'first_project/store/deep', { key: server.projectKey });
      expect(json.data.size_bytes).to.equal(body.length);
      costs.push(process.cpuUsage(start).user / 1000);
    }
    expect((costs[3] as number) / (costs[2] as number)).to.be.below(MOST);
  });
});
