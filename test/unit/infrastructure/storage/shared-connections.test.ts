import { expect } from 'chai';
import { SharedConnections } from '../../../../src/infrastructure/storage/building-blocks/server/shared-connections.js';

describe('Connections that projects share', () => {
  const closed: number[] = [];
  let opened = 0;
  const open = async () => {
    opened += 1;
    return opened;
  };
  let shared: SharedConnections<number>;

  beforeEach(() => {
    opened = 0;
    closed.length = 0;
    shared = new SharedConnections((connection) => void closed.push(connection));
  });

  it('are opened once for all that ask at the same time, and closed after the last', async () => {
    const [a, b] = await Promise.all([shared.acquire('x', open), shared.acquire('x', open)]);
    expect([a.connection, b.connection, opened]).to.deep.equal([1, 1, 1]);
    await a.release();
    await a.release();
    expect(closed).to.deep.equal([]);
    await b.release();
    expect(closed).to.deep.equal([1]);
    expect((await shared.acquire('x', open)).connection).to.equal(2);
  });

  it('stay open for one that asks while the last other releases', async () => {
    const a = await shared.acquire('x', open);
    const asking = shared.acquire('x', open);
    await a.release();
    expect((await asking).connection).to.equal(1);
    expect(closed).to.deep.equal([]);
  });

  it('are opened again after they could not be opened', async () => {
    const failing = () => Promise.reject(new Error('away'));
    const results = await Promise.allSettled([shared.acquire('x', failing), shared.acquire('x', failing)]);
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect((await shared.acquire('x', open)).connection).to.equal(1);
  });
});
