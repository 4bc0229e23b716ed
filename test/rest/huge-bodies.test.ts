import { expect } from 'chai';
import { TestServer } from './test-server.js';

const BYTES = 8 * 1024 * 1024 - 100;
/** How many times what it takes to send a harmless body of that size, and to parse this one, a huge body may take. */
const MOST = 10;

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

describe('A huge body full of mistakes', function () {
  this.timeout(180_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    await harmlessCost(); // What is loaded and compiled at the first time is none of it.
  });
  after(() => server.stop());

  /** Processor time of this process, which the server is in, in ms; the answer must be the one that is expected. */
  async function cost(path: string, type: string, body: string, status: number, key?: string): Promise<number> {
    const start = process.cpuUsage();
    const answer = await server.call('POST', `first_project/${path}`, { key, body, headers: { 'content-type': type } });
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
      const start = process.cpuUsage();
      JSON.parse(body);
      const parsing = process.cpuUsage(start).user / 1000;
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
});
