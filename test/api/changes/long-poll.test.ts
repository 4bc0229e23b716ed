import { expect } from 'chai';
import { ChangeFeed } from './change-feed.js';

describe('GET /changes as a long poll', () => {
  const feed = ChangeFeed.forTests();

  it('returns as soon as there is a change, from now on if no token is given', async () => {
    await feed.call('PUT', 'store/before', '1');
    const waiting = feed.poll('wait=20');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await feed.call('PUT', 'store/a', '1');
    const { changes, since } = await waiting;
    expect(changes).to.have.length(1);
    expect(changes[0]).to.include({ event: 'put', key: 'a', size_bytes: 1 });
    expect((await feed.poll(`since=${since}&wait=0`)).changes).to.deep.equal([]);
  });

  it('returns nothing after the wait', async () => {
    const began = performance.now();
    const [short, long] = [feed.poll('wait=0.2&prefix=a'), feed.poll('wait=30&prefix=b')];
    const { changes, since } = await Promise.race([short, long]);
    expect(changes, 'of the shorter wait, which ends first').to.deep.equal([]);
    expect(performance.now() - began).to.be.at.least(190);
    await feed.call('PUT', 'store/b', '1');
    expect((await long).changes).to.have.length(1);
    await feed.call('PUT', 'store/a', '1');
    expect((await feed.poll(`since=${since}&prefix=a`)).changes).to.have.length(1);
  });

  it('returns at most 1,000 changes at a time, and the rest with the next polls', async () => {
    let { since } = await feed.poll('wait=0');
    const operations = Array.from({ length: 900 }, (_, i) => ({ put: { key: `k${i}`, text: `${i}` } }));
    for (let i = 0; i < 3; i++) await feed.call('POST', 'transactions', JSON.stringify({ operations }));
    const counts: number[] = [];
    for (;;) {
      const page = await feed.poll(`since=${since}&wait=0&include=value`);
      if (page.changes.length === 0) break;
      counts.push(page.changes.length);
      since = page.since;
    }
    expect(counts).to.deep.equal([1000, 1000, 700]);
  });

  it('returns resync if the token is unknown', async () => {
    const { changes, since, resync } = await feed.poll('since=some-token');
    expect([changes, resync]).to.deep.equal([[], true]);
    await feed.call('PUT', 'store/a', '1');
    const next = await feed.poll(`since=${since}`);
    expect(next.changes).to.have.length(1);
    expect(next).not.to.have.property('resync');
  });

  it('is refused if a parameter is unknown or wrong', async () => {
    for (const query of [
      'wait=-1',
      'wait=61',
      'wait=x',
      'since=',
      'include=all',
      'key=',
      'prefix=a&key=b',
      'limit=1',
    ]) {
      expect((await feed.call('GET', `changes?${query}`)).status, query).to.equal(400);
    }
  });
});
