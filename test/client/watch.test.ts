import { expect } from 'chai';
import { connect, PortkvError, type RemoteStore, type StoreChange } from '../../src/interfaces/client/client.js';
import { TestServer } from '../harness/test-server.js';
import { FaultyProxy } from './faulty-proxy.js';

const HTML = { status: 503, body: '<html>maintenance</html>' };

describe('A watch of the client', () => {
  let server: TestServer;
  let proxy: FaultyProxy;
  let store: RemoteStore;
  let direct: RemoteStore;
  let stop: AbortController;
  let seen: StoreChange[];
  let watching: Promise<void>;

  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());
  beforeEach(async () => {
    proxy = await FaultyProxy.start(server.address);
    store = connect({ url: proxy.url, project: 'first_project', key: server.projectKey });
    direct = connect({ url: server.address, project: 'first_project', key: server.projectKey });
    stop = new AbortController();
    seen = [];
    watching = (async () => {
      for await (const change of store.watch({ signal: stop.signal })) seen.push(change);
    })();
    await until(() => seen.length > 0);
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    await proxy.stop();
  });

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('goes on where it was when the connection breaks, without a gap and without a repetition', async () => {
    for (let i = 0; i < 30; i++) {
      await direct.put(`k${i}`, i);
      if (i % 10 === 4) proxy.cutAll();
      if (i === 14) proxy.faults = ['cut-before', HTML, { status: 502 }];
    }
    await until(() => seen.length >= 31);
    expect(seen.map(({ key }) => key)).to.deep.equal([undefined, ...Array.from({ length: 30 }, (_, i) => `k${i}`)]);
    expect(seen[0]).to.deep.equal({ event: 'ready' });
  });

  it('reports that changes may be missing after a restart of the server', async () => {
    await direct.put('before', 1);
    await until(() => seen.length === 2);
    await server.restart();
    proxy.address = server.address;
    await until(() => seen.length === 3);
    expect(seen[2]).to.deep.equal({ event: 'resync' });
    direct = connect({ url: server.address, project: 'first_project', key: server.projectKey });
    await direct.put('after', 1);
    await until(() => seen.length === 4);
    expect(seen[3]).to.include({ event: 'put', key: 'after' });
  });

  it('ends with the store', async () => {
    await store.close();
    await watching;
    expect(seen).to.deep.equal([{ event: 'ready' }]);
  });

  it('rejects if it cannot be opened, or the key is refused later', async () => {
    const wrong = connect({ url: server.address, project: 'first_project', key: 'pkv_wrong' });
    const error: unknown = await wrong
      .watch()
      .next()
      .catch((reason: unknown) => reason);
    expect(error instanceof PortkvError && error.code).to.equal('unauthenticated');
    proxy.faults = [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }];
    const page: unknown = await store
      .watch()
      .next()
      .catch((reason: unknown) => reason);
    expect(page instanceof PortkvError && page.code).to.equal('invalid_response');
  });
});
