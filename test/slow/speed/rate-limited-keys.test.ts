import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';
import { mean, timeOf } from './statistics.js';

const REFUSED = 50;

describe('A wrong key beyond the rate limit', function () {
  this.retries(2);
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.stop());

  it('is refused without a hash', async () => {
    let sent = 0;
    const ask = async (status: number) => {
      const { status: found } = await server.call('GET', 'first_project/values/k', { key: `wrong-secret-${sent++}` });
      expect(found).to.equal(status);
    };
    const hashed: number[] = [];
    for (let i = 0; i < 10; i++) hashed.push(await timeOf(() => ask(401)));
    const refused: number[] = [];
    for (let i = 0; i < REFUSED; i++) refused.push(await timeOf(() => ask(429)));
    const ratio = mean(refused) / mean(hashed);
    console.log(`      ${ratio.toFixed(3)} times as long as with a hash`);
    expect(ratio).to.be.below(0.3);
  });
});
